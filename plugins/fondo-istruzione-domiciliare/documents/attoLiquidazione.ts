/** The act with which the head of the polo orders the payments. */
import type { DocumentDefinition } from '../../contract.ts';
import { quoteLiquidate } from '../process/projects.ts';
import type { Contesto } from '../process/types.ts';
import { documento, READERS } from './letter.ts';
import { conta, euro, giorno, ibanScritto } from './words.ts';

export const attoLiquidazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { atto, disponibileCents, dovutoCents, liquidatoCents, progetti } = context.liquidazioni.at(-1)!;
    const quote = [...quoteLiquidate(step)].sort((a, b) => (a.quota.key < b.quota.key ? -1 : 1));
    return documento(step, {
      nome: 'attoLiquidazione', titolo: 'Atto di liquidazione', oggetto: `Istruzione domiciliare a.s. ${context.annoScolastico} - atto di liquidazione n. ${atto.numero} del ${giorno(atto.data)}`,
      blocchi: [
        ...[
          'VISTA la Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare',
          ...context.finanziamenti.map(({ atto: fonte, importoCents }) => `VISTO il finanziamento ministeriale di ${euro(importoCents)}, atto n. ${fonte.numero} del ${giorno(fonte.data)}`),
          "CONSTATATO che sono pervenute le rendicontazioni di tutti i progetti attivati nell'anno scolastico, esclusi quelli oggetto di rinuncia o decadenza",
          `CONSIDERATO che le quote spettanti a ${conta(progetti, 'progetto', 'progetti')} sono ${euro(dovutoCents)} e il fondo disponibile è ${euro(disponibileCents)}`,
          'VISTO il piano di riparto, che è parte integrante del presente atto',
        ].map(vista => ({ paragraph: `${vista};` })),
        { heading: 'DISPONE', level: 2 },
        { paragraph: `la liquidazione di complessivi ${euro(liquidatoCents)} alle scuole di seguito elencate:` },
        {
          table: {
            columns: [{ title: 'Progetto', weight: 1.5 }, { title: 'Scuola', weight: 1.2 }, { title: 'IBAN', weight: 2.9 }, { title: 'Quota spettante', align: 'right', weight: 1.4 }, { title: 'Quota liquidata', align: 'right', weight: 1.4 }],
            rows: quote.map(({ riga: { data }, quota }) => [data.numero, data.scuola, data.rendiconto!.iban ? ibanScritto(data.rendiconto!.iban) : 'agli atti', euro(quota.dovutaCents), euro(quota.cents)]),
            foot: [['Totale', conta(quote.length, 'progetto', 'progetti'), '', euro(dovutoCents), euro(quote.reduce((sum, { quota }) => sum + quota.cents, 0))]],
          },
        },
        { paragraph: `Restano nel fondo ${euro(disponibileCents - liquidatoCents)}.` },
      ],
    });
  },
  readBy: READERS,
};
