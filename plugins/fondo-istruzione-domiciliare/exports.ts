/** What the polo's accounting takes: the distribution that explains each cent, the movements, and the transfers for the bank. */
import { addDays } from '../contract.ts';
import type { CsvTable, ExportDefinition, Item } from '../contract.ts';
import { progettiOf, quoteDella, type QuotaDiRiga, type RigaProgetto } from './process/projects.ts';
import type { Contesto, ContoPolo } from './process/types.ts';

const POLO = ['operatorePolo', 'dirigentePolo'];

/** Hundredths with a decimal comma, always two digits: an amount or hours as an accounting program reads them. */
const centesimi = (value: number): string => `${value < 0 ? '-' : ''}${Math.trunc(Math.abs(value) / 100)},${String(Math.abs(value) % 100).padStart(2, '0')}`;
const ore = (minuti: number): string => centesimi(Math.round(minuti * 100 / 60));
const attoScritto = ({ numero, data }: { numero: string; data: string }): string => `n. ${numero} del ${data}`;
/** `2026/27` cannot stand in a file's name. */
const nelNome = ({ annoScolastico }: Contesto): string => annoScolastico.replace('/', '-');

/** By code point, as the shares are worked out. */
const byNumero = (a: RigaProgetto, b: RigaProgetto): number => (a.data.numero < b.data.numero ? -1 : 1);
/** All payments, each with its rows in the order of the project numbers. */
const liquidazioniOf = (context: Contesto, items: Item[]) =>
  context.liquidazioni.map((liquidazione, i) => ({ liquidazione, quote: quoteDella(items, context, i + 1).sort((a, b) => byNumero(a.riga, b.riga)) }));

function stato({ data }: RigaProgetto): string {
  if (data.tolto) return data.tolto.motivo;
  if (data.liquidatoCents !== null) return 'liquidato';
  return data.rendiconto ? 'da liquidare' : data.attivato ? 'da rendicontare' : 'non attivato';
}

/** Why this project got these cents: due × money / all due is the whole cents and a remainder; the largest remainders get one cent more. */
const spiegazione = ({ quota }: QuotaDiRiga, { disponibileCents, dovutoCents }: Contesto['liquidazioni'][number]): CsvTable['rows'][number] => ({
  disponibile: centesimi(disponibileCents), spettanteInTutto: centesimi(dovutoCents), interi: centesimi(quota.interiCents),
  resto: `0,${String(quota.restoMilionesimi).padStart(6, '0')}`, posto: quota.posto, aggiunto: centesimi(quota.aggiuntoCents), liquidato: centesimi(quota.cents), nonCoperto: centesimi(quota.dovutaCents - quota.cents),
});

function riparto(context: Contesto, items: Item[]): CsvTable {
  const pagate = new Map(liquidazioniOf(context, items).flatMap(({ liquidazione, quote }) => quote.map(quota => [quota.riga.key, { quota, liquidazione }] as const)));
  return {
    format: 'csv', fileName: `riparto-${nelNome(context)}`,
    columns: [
      { name: 'numero', title: 'Progetto' }, { name: 'scuola', title: 'Codice scuola' }, { name: 'denominazione', title: 'Scuola', organisation: true }, { name: 'stato', title: 'Stato' },
      { name: 'ore', title: 'Ore contabili' }, { name: 'costo', title: 'Costo (€)' }, { name: 'spettante', title: 'Quota spettante (€)' },
      { name: 'disponibile', title: 'Fondo disponibile (€)' }, { name: 'spettanteInTutto', title: 'Quote spettanti in tutto (€)' },
      { name: 'interi', title: 'Quota proporzionale in centesimi interi (€)' }, { name: 'resto', title: 'Resto (frazione di centesimo)' }, { name: 'posto', title: 'Posto per resto' }, { name: 'aggiunto', title: 'Aggiunto per il maggior resto (€)' },
      { name: 'liquidato', title: 'Quota liquidata (€)' }, { name: 'nonCoperto', title: 'Non coperto (€)' }, { name: 'iban', title: 'IBAN' }, { name: 'atto', title: 'Atto' },
    ],
    rows: progettiOf(items).sort(byNumero).map(riga => {
      const { data: { numero, scuola, rendiconto } } = riga, pagata = pagate.get(riga.key);
      return {
        numero, scuola, denominazione: scuola, stato: stato(riga),
        ...(rendiconto ? { ore: ore(rendiconto.minutiContabili), costo: centesimi(rendiconto.costoCents), spettante: centesimi(rendiconto.quotaCents), iban: rendiconto.iban } : {}),
        ...(pagata ? { ...spiegazione(pagata.quota, pagata.liquidazione), atto: attoScritto(pagata.liquidazione.atto) } : {}),
      };
    }),
  };
}

function contabilita(context: Contesto, items: Item[]): CsvTable {
  const entrate = context.finanziamenti.map(({ il, atto, importoCents }) => ({ il, atto, cents: importoCents, causale: `Finanziamento MIUR istruzione domiciliare a.s. ${context.annoScolastico}`, riga: null }));
  const uscite = liquidazioniOf(context, items).flatMap(({ liquidazione: { il, atto }, quote }) =>
    quote.filter(({ quota }) => quota.cents > 0).map(({ riga, quota }) => ({ il, atto, cents: -quota.cents, causale: causaleOf(context, riga), riga })));
  let saldo = 0;
  return {
    format: 'csv', fileName: `movimenti-${nelNome(context)}`,
    columns: [
      { name: 'data', title: 'Data' }, { name: 'atto', title: 'Atto' }, { name: 'causale', title: 'Causale' }, { name: 'numero', title: 'Progetto' }, { name: 'scuola', title: 'Codice scuola' },
      { name: 'denominazione', title: 'Scuola', organisation: true }, { name: 'iban', title: 'IBAN' }, { name: 'entrata', title: 'Entrata (€)' }, { name: 'uscita', title: 'Uscita (€)' }, { name: 'saldo', title: 'Saldo (€)' },
    ],
    // The sort is stable: on the same day the money comes in before it goes out.
    rows: [...entrate, ...uscite].sort((a, b) => (a.il < b.il ? -1 : a.il > b.il ? 1 : 0)).map(({ il, atto, cents, causale, riga }) => {
      saldo += cents;
      return {
        data: il, atto: attoScritto(atto), causale, ...(riga ? { numero: riga.data.numero, scuola: riga.data.scuola, denominazione: riga.data.scuola, iban: riga.data.rendiconto!.iban } : {}),
        ...(cents > 0 ? { entrata: centesimi(cents) } : { uscita: centesimi(-cents) }), saldo: centesimi(saldo),
      };
    }),
  };
}

const causaleOf = ({ annoScolastico }: Contesto, { data }: RigaProgetto): string => `Progetto istruzione domiciliare ${data.numero} a.s. ${annoScolastico} quota`;

export const exports: Record<string, ExportDefinition<Contesto>> = {
  riparto: { format: 'csv', by: [...POLO, 'funzionarioUsr'], items: ['progetto'], content: ({ context, items }) => riparto(context, items) },
  contabilita: { format: 'csv', by: POLO, items: ['progetto'], content: ({ context, items }) => contabilita(context, items) },
  bonifici: {
    format: 'pain.001', by: POLO, items: ['progetto'],
    content: ({ context, items, parties, parameter, today, case: { id } }) => {
      const n = context.liquidazioni.length, quote = n === 0 ? [] : quoteDella(items, context, n).sort((a, b) => byNumero(a.riga, b.riga));
      const conto = parameter<ContoPolo>('contoPolo', today, 'polo');
      return {
        format: 'pain.001', fileName: `bonifici-${nelNome(context)}-${n}`,
        // Of the case and the payment, whenever it is downloaded: the bank refuses the second one.
        messageId: `${id.replaceAll('-', '').slice(0, 30)}-${n}`,
        // A bank takes no day that is past: the file of an older payment is carried out tomorrow, too.
        createdAt: `${today}T00:00:00.000Z`, executeOn: addDays(today, 1),
        debtor: { name: conto.intestatario || parties.polo!, iban: conto.iban, ...(conto.bic ? { bic: conto.bic } : {}) },
        // Where the fund leaves a project nothing there is nothing to transfer.
        transfers: quote.filter(({ quota }) => quota.cents > 0).map(({ riga, quota }) => ({
          endToEndId: riga.data.numero, name: riga.data.scuola, iban: riga.data.rendiconto!.iban ?? '', amountCents: quota.cents, remittance: causaleOf(context, riga),
        })),
      };
    },
  },
};
