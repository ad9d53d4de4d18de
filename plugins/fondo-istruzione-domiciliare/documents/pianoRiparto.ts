/** How the money is divided, so that every cent can be worked out again with a pencil. Projects by number: no pupil is named. */
import type { DocumentBlock, DocumentDefinition, DocumentTable } from '../../contract.ts';
import { quoteLiquidate, type QuotaDiRiga } from '../process/projects.ts';
import type { Contesto, Liquidazione } from '../process/types.ts';
import { documento, READERS } from './letter.ts';
import { conta, euro, giorno, migliaia, oreDi } from './words.ts';

const byNumber = (a: QuotaDiRiga, b: QuotaDiRiga): number => (a.quota.key < b.quota.key ? -1 : 1);
const somma = (quote: readonly QuotaDiRiga[], of: (quota: QuotaDiRiga) => number): number => quote.reduce((sum, quota) => sum + of(quota), 0);

/** The exact quotient in euro: whole cents, and six more digits cut off. 33 1/3 cents are 0,33333333. */
export function quozienteScritto(interiCents: number, restoMilionesimi: number): string {
  return `${migliaia(Math.trunc(interiCents / 100))},${String(interiCents % 100).padStart(2, '0')}${String(restoMilionesimi).padStart(6, '0')}`;
}

/** The remainder as a fraction of one cent: exact, and of one denominator, so that the order can be checked. */
const restoEsatto = ({ dovutaCents, interiCents }: { dovutaCents: number; interiCents: number }, disponibileCents: number, totaleCents: number): bigint =>
  BigInt(dovutaCents) * BigInt(disponibileCents) - BigInt(interiCents) * BigInt(totaleCents);

function inProporzione(quote: readonly QuotaDiRiga[], { disponibileCents, dovutoCents }: Liquidazione): DocumentTable {
  return {
    caption: 'Riparto in proporzione alle quote spettanti, con il metodo dei resti maggiori',
    columns: [
      { title: 'Progetto', weight: 1.7 }, { title: 'Scuola', weight: 1.6 }, { title: 'Costo rendicontato', align: 'right', weight: 1.4 }, { title: 'Quota spettante', align: 'right', weight: 1.4 },
      { title: 'Quoziente esatto (€)', align: 'right', weight: 1.7 }, { title: 'Centesimi interi', align: 'right', weight: 1.4 }, { title: `Resto (parti di ${migliaia(dovutoCents)})`, align: 'right', weight: 1.7 },
      { title: 'Posto', align: 'right', weight: 0.8 }, { title: 'Centesimo', align: 'right', weight: 1 }, { title: 'Quota liquidata', align: 'right', weight: 1.4 },
    ],
    rows: quote.map(({ riga: { data }, quota }) => [
      data.numero, data.scuola, euro(data.rendiconto!.costoCents), euro(quota.dovutaCents), quozienteScritto(quota.interiCents, quota.restoMilionesimi), euro(quota.interiCents),
      migliaia(restoEsatto(quota, disponibileCents, dovutoCents)), quota.posto === null ? '' : migliaia(quota.posto), quota.aggiuntoCents === 1 ? '+0,01 €' : 'no', euro(quota.cents),
    ]),
    foot: [[
      'Totale', conta(quote.length, 'progetto', 'progetti'), euro(somma(quote, ({ riga }) => riga.data.rendiconto!.costoCents)), euro(dovutoCents), '', euro(somma(quote, ({ quota }) => quota.interiCents)), '', '',
      euro(somma(quote, ({ quota }) => quota.aggiuntoCents)), euro(somma(quote, ({ quota }) => quota.cents)),
    ]],
  };
}

function perIntero(quote: readonly QuotaDiRiga[], { dovutoCents }: Liquidazione): DocumentTable {
  return {
    caption: 'Quote liquidate per intero',
    columns: [
      { title: 'Progetto', weight: 1.6 }, { title: 'Scuola', weight: 1.6 }, { title: 'Ore contabili', align: 'right' }, { title: 'Costo rendicontato', align: 'right', weight: 1.4 },
      { title: 'Quota spettante', align: 'right', weight: 1.4 }, { title: 'Quota liquidata', align: 'right', weight: 1.4 },
    ],
    rows: quote.map(({ riga: { data }, quota }) => [data.numero, data.scuola, oreDi(data.rendiconto!.minutiContabili), euro(data.rendiconto!.costoCents), euro(quota.dovutaCents), euro(quota.cents)]),
    foot: [[
      'Totale', conta(quote.length, 'progetto', 'progetti'), oreDi(somma(quote, ({ riga }) => riga.data.rendiconto!.minutiContabili)), euro(somma(quote, ({ riga }) => riga.data.rendiconto!.costoCents)), euro(dovutoCents), euro(somma(quote, ({ quota }) => quota.cents)),
    ]],
  };
}

function spiegazione(quote: readonly QuotaDiRiga[], { disponibileCents, dovutoCents, liquidatoCents }: Liquidazione): DocumentBlock[] {
  if (dovutoCents <= disponibileCents) {
    return [{ paragraph: `Il fondo disponibile (${euro(disponibileCents)}) copre tutte le quote spettanti (${euro(dovutoCents)}): ciascuna è liquidata per intero. Restano nel fondo ${euro(disponibileCents - liquidatoCents)}.` }];
  }
  const avanzo = somma(quote, ({ quota }) => quota.aggiuntoCents);
  return [
    { paragraph: `Il fondo disponibile (${euro(disponibileCents)}) non copre tutte le quote spettanti (${euro(dovutoCents)}): è ripartito in proporzione, così:` },
    {
      ordered: true,
      list: [
        `quoziente esatto = quota spettante × ${euro(disponibileCents)} ÷ ${euro(dovutoCents)}; nella tabella è scritto con otto decimali, troncati;`,
        `a ciascun progetto spettano i centesimi interi del quoziente, in tutto ${euro(disponibileCents - avanzo)}; il resto è espresso in parti, ${migliaia(dovutoCents)} delle quali fanno un centesimo;`,
        avanzo === 0 ? 'non avanzano centesimi;' : `${avanzo === 1 ? 'avanza' : 'avanzano'} ${conta(avanzo, 'centesimo', 'centesimi')}: uno a ciascuno dei primi ${migliaia(avanzo)} per resto maggiore; a parità di resto precede la quota spettante maggiore, poi il numero di progetto;`,
        `la somma delle quote liquidate è ${euro(liquidatoCents)}, pari al fondo disponibile.`,
      ],
    },
  ];
}

export const pianoRiparto: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const liquidazione = context.liquidazioni.at(-1)!;
    const quote = [...quoteLiquidate(step)].sort(byNumber);
    return documento(step, {
      nome: 'pianoRiparto', titolo: 'Piano di riparto del fondo', oggetto: `Istruzione domiciliare a.s. ${context.annoScolastico} - piano di riparto del fondo`, orizzontale: true,
      blocchi: [
        {
          table: {
            caption: 'Finanziamenti registrati',
            columns: [{ title: 'Atto', weight: 3 }, { title: 'Data' }, { title: 'Registrato il' }, { title: 'Importo', align: 'right' }],
            rows: context.finanziamenti.map(({ atto, il, importoCents }) => [`n. ${atto.numero}`, giorno(atto.data), giorno(il), euro(importoCents)]),
            foot: [['Totale', '', '', euro(context.finanziamenti.reduce((sum, { importoCents }) => sum + importoCents, 0))]],
          },
        },
        {
          fields: [
            ...context.liquidazioni.slice(0, -1).map(({ atto, liquidatoCents }) => ({ label: 'Già liquidato', value: `${euro(liquidatoCents)} con atto n. ${atto.numero} del ${giorno(atto.data)}` })),
            { label: 'Fondo disponibile', value: euro(liquidazione.disponibileCents) },
            { label: 'Quote spettanti', value: euro(liquidazione.dovutoCents) },
          ],
        },
        ...spiegazione(quote, liquidazione),
        { table: liquidazione.dovutoCents > liquidazione.disponibileCents ? inProporzione(quote, liquidazione) : perIntero(quote, liquidazione) },
      ],
    });
  },
  readBy: READERS,
};
