/** Proposta procedura progetto: the project in brief and the acts of the procedure, with what is there and what is missing. */
import type { DocumentBlock, DocumentDefinition } from '../../contract.ts';
import { oreMassime, periodiAmmessi } from '../process/accountability.ts';
import { giorniAssenza } from '../process/avvio.ts';
import { calendarioOf, tettoSettimanale } from '../process/parameters.ts';
import { docentiCheHannoInsegnato } from '../process/reporting.ts';
import type { Contesto } from '../process/types.ts';
import { campiAggiuntivi, datiProgetto, documento, firmaDirigente, POLO, SEGRETERIA, type ProjectStep } from './letter.ts';
import { nomeOf } from './template.ts';
import { conta, giorno, giornoOppure, intero, oreDi, periodiScritti } from './words.ts';

const MANCA = 'da acquisire';

/** The acts in the order of the document: what, where it stands, when. */
function atti({ context, facts }: ProjectStep): DocumentBlock {
  const { certificato, modelloG, deliberaCollegio, consiglioClasse, referente, modelloP, rendiconto } = context;
  const docenti = Object.keys(context.disponibilita).length;
  const delibera = modelloP?.deliberaConsiglioIstituto;
  const insegnano = docentiCheHannoInsegnato(context);
  const quanti = (of: (docente: string) => boolean) => (insegnano.length === 0 ? MANCA : `${insegnano.filter(of).length} su ${insegnano.length}`);
  const riga = (atto: string, estremi: string | null | undefined, data: string | null | undefined): string[] => [atto, estremi || MANCA, giornoOppure(data)];
  return {
    table: {
      columns: [{ title: 'Atto', weight: 3 }, { title: 'Estremi', weight: 2.4 }, { title: 'Data', weight: 1.1 }],
      rows: [
        riga('Certificazione sanitaria (Modello S o, in alternativa, Modello M)', certificato && `Modello ${certificato.modello}`, certificato?.rilasciatoIl),
        riga('Richiesta della famiglia (Modello G)', modelloG && 'sottoscritto', modelloG?.firmatoIl),
        riga('Invio con posta certificata', context.presentataIl && 'inviato', context.presentataIl),
        riga('Numero di progetto assegnato dalla scuola polo', context.numero, null),
        riga('Delibera del Collegio dei docenti (PTOF)', deliberaCollegio && `n. ${deliberaCollegio.numero}`, deliberaCollegio?.data),
        riga('Informazione al Consiglio di classe', consiglioClasse && (consiglioClasse.verbale ?? 'informato'), consiglioClasse?.data),
        riga('Dichiarazioni scritte di disponibilità dei docenti', docenti > 0 ? conta(docenti, 'dichiarazione', 'dichiarazioni') : null, null),
        riga('Referente del progetto', referente?.nome, referente?.data),
        riga('Delibera del Consiglio di Istituto (cofinanziamento)', delibera && `n. ${delibera.numero}`, delibera?.data),
        riga('Modello P (progetto, piani di lavoro, piano finanziario)', modelloP && (modelloP.variante === 'conSiO' ? 'con SiO' : 'senza SiO'), modelloP?.inviatoIl),
        riga('Autorizzazione delle ore', context.autorizzataIl && `${oreDi(context.minutiAutorizzati)} ore`, context.autorizzataIl),
        ...context.proroghe.map(({ stato, richiestaIl, decisaIl }, i) => riga(`Proroga n. ${i + 1}, richiesta il ${giorno(richiestaIl)}`, { inAttesa: 'in attesa di risposta', autorizzata: 'autorizzata', rifiutata: 'non autorizzata' }[stato], decisaIl)),
        riga('Registri dei docenti firmati e vistati (Modello OF)', quanti(docente => context.registri[docente]!.vistatoIl !== null), null),
        riga('Relazioni finali dei docenti', quanti(docente => Object.hasOwn(context.relazioni, docente)), null),
        riga('Modello V e Modello Z (o autocertificazione)', rendiconto && 'trasmessi', rendiconto?.il),
      ],
      foot: facts.attachments.length > 0 ? [['Allegati con questo invio', intero(facts.attachments.length), '']] : [],
    },
  };
}

function presupposti(step: ProjectStep): DocumentBlock[] {
  const { context } = step;
  const periodi = periodiAmmessi(context);
  const tetto = { label: 'Ore settimanali in presenza', value: `fino a ${oreDi(tettoSettimanale(step))}` };
  const esame = context.esameDiStato ? [{ label: 'Esame di Stato', value: "l'alunno/a sostiene l'esame conclusivo del ciclo" }] : [];
  if (periodi.length === 0) return [{ fields: [{ label: 'Periodo', value: MANCA }, tetto, ...esame] }];
  const conCalendario = calendarioOf(step) !== null;
  return [{
    fields: [
      { label: 'Periodo certificato', value: periodiScritti(periodi) },
      ...(conCalendario ? [{ label: 'Giorni di assenza previsti', value: intero(giorniAssenza(step, periodi, context.annoScolastico)) }] : []),
      tetto, ...esame,
      { label: 'Ore massime autorizzabili', value: oreDi(oreMassime(step, periodi).minuti) },
    ],
  }];
}

export const propostaProcedura: DocumentDefinition<Contesto> = {
  content: step => documento(step, {
    nome: 'propostaProcedura', titolo: 'Proposta procedura progetto', da: 'scuola',
    blocchi: [
      datiProgetto(step, { label: 'Scuola polo', value: nomeOf(step, 'polo') }, { label: 'Regione', value: step.context.regione }),
      { heading: 'Presupposti', level: 2 },
      ...presupposti(step),
      { heading: 'Atti della procedura', level: 2 },
      atti(step),
      { note: "Per gli alunni con disabilità l'istruzione domiciliare è autorizzata solo nel caso in cui la patologia non sia coincidente con la disabilità. Il progetto può essere avviato fino a un mese prima del termine delle lezioni." },
      ...campiAggiuntivi(step, 'propostaProcedura', step.context as { campiAggiuntivi?: Record<string, unknown> }),
    ],
    firme: [firmaDirigente(step, 'scuola')],
  }),
  readBy: [...SEGRETERIA, 'referente', ...POLO], protected: true,
};
