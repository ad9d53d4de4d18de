/** Modello S and Modello M: what the certificate says, in the form's lines. No diagnosis: nobody is asked for one. */
import { daysBetween } from '../../calendar.ts';
import type { DocumentModel } from '../../contract.ts';
import { countDays, mergePeriods } from '../process/periods.ts';
import type { Certificato } from '../process/types.ts';
import { campiAggiuntivi, datiProgetto, documento, type ProjectStep } from './letter.ts';
import { conta, emittenteScritto, giorno, giornoOppure, intero } from './words.ts';

const MODELLI = {
  S: {
    nome: 'modelloS', titolo: 'Modello S - Certificazione sanitaria',
    testo: "Si certifica che l'alunno/a sopra indicato/a è sottoposto/a a terapie domiciliari che ne impediscono la frequenza della scuola, nei periodi di seguito indicati.",
  },
  M: {
    nome: 'modelloM', titolo: 'Modello M - Certificato del medico di famiglia',
    testo: "Si attesta la prevedibile assenza dalle lezioni dell'alunno/a sopra indicato/a per un periodo superiore ai 30 giorni, anche non continuativi, come di seguito indicato.",
  },
};

/** The one just handed in; else the project's own. */
const certificatoOf = ({ context, data }: ProjectStep): Certificato | null => data.certificato ?? context.certificato;

export function certificazione(step: ProjectStep, modello: 'S' | 'M'): DocumentModel {
  const { nome, titolo, testo } = MODELLI[modello];
  const certificato = certificatoOf(step);
  const periodi = mergePeriods(certificato?.periodi ?? []);
  const intestatario = certificato?.intestatario;
  return documento(step, {
    nome, titolo, da: 'scuola', data: certificato?.rilasciatoIl ?? null,
    blocchi: [
      datiProgetto(step),
      { heading: 'Certificazione', level: 2 },
      { paragraph: testo },
      {
        fields: [
          ...(intestatario ? [{ label: 'Rilasciata per', value: [`${intestatario.cognome} ${intestatario.nome}`, intestatario.codiceFiscale].filter(Boolean).join(', C.F. ') }] : []),
          { label: 'Rilasciata da', value: certificato ? emittenteScritto(certificato.emittente) : '' },
          { label: 'Data del rilascio', value: giornoOppure(certificato?.rilasciatoIl) },
        ],
      },
      {
        table: {
          caption: 'Periodi di assenza dalle lezioni',
          columns: [{ title: 'Dal' }, { title: 'Al' }, { title: 'Giorni', align: 'right' }],
          rows: periodi.map(({ dal, al }) => [giorno(dal), giorno(al), intero(daysBetween(dal, al) + 1)]),
          foot: [['Totale', conta(periodi.length, 'periodo', 'periodi'), intero(countDays(periodi))]],
        },
      },
      { note: "I dati riportati sono quelli dell'originale sottoscritto dal medico, la cui scansione è agli atti del progetto. Il modello non riporta la diagnosi." },
      ...campiAggiuntivi(step, nome, certificato),
    ],
    firme: [{ role: 'Il medico', note: "firma e timbro sull'originale agli atti" }],
  });
}
