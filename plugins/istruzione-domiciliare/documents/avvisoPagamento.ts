/** The polo tells the school what it pays, and how it was worked out. */
import type { DocumentDefinition } from '../../contract.ts';
import { isOnProject } from '../process/money.ts';
import { percentualePolo } from '../process/parameters.ts';
import type { Contesto } from '../process/types.ts';
import { documento, numeroScritto, POLO, SCUOLA } from './letter.ts';
import { perCentoScritto } from './money.ts';
import { conDateScritte, euro, giorno, ibanScritto, oreDi, percentuale } from './words.ts';

export const avvisoPagamento: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { liquidazione, rendiconto } = context;
    const quotaCents = liquidazione?.quotaCents ?? 0, dovutaCents = liquidazione?.dovutaCents ?? 0;
    const costo = rendiconto?.costoCents ?? 0, aCarico = (rendiconto?.docenti ?? []).filter(({ fonte }) => isOnProject(fonte)).reduce((sum, { costoCents }) => sum + costoCents, 0);
    const ridotta = quotaCents < dovutaCents;
    // Ten-thousandths, rounded half up.
    const parte = dovutaCents === 0 ? 0 : Number((2n * BigInt(quotaCents) * 10_000n + BigInt(dovutaCents)) / (2n * BigInt(dovutaCents)));
    return documento(step, {
      nome: 'avvisoPagamento', titolo: 'Avviso di pagamento', da: 'polo', a: ['scuola'], argomento: 'avviso di pagamento',
      blocchi: [
        { paragraph: `Ricevute le rendicontazioni di tutti i progetti di istruzione domiciliare attivati nell'anno scolastico ${context.annoScolastico} e il finanziamento ministeriale, si comunica che${liquidazione ? ` con l'atto ${conDateScritte(liquidazione.atto)}` : ''} è disposto il pagamento della quota relativa al progetto n. ${numeroScritto(context)}.` },
        {
          fields: [
            ...(rendiconto ? [{ label: 'Rendiconto', value: `del ${giorno(rendiconto.il)}, ore contabili ${oreDi(rendiconto.minutiContabili)}` }] : []),
            { label: 'Spesa rendicontata', value: euro(costo) },
            ...(costo > aCarico ? [{ label: 'A carico del FIS o di altre forme', value: euro(costo - aCarico) }] : []),
            { label: 'A carico del progetto', value: euro(aCarico) },
            { label: 'Quota spettante', value: `${perCentoScritto(percentualePolo(step))} di ${euro(aCarico)} = ${euro(dovutaCents)}` },
            { label: 'Quota liquidata', value: euro(quotaCents) },
            ...(ridotta ? [{ label: 'Quota non coperta', value: euro(dovutaCents - quotaCents) }] : []),
            { label: 'Accredito', value: rendiconto?.iban ? `IBAN ${ibanScritto(rendiconto.iban)}` : 'sul conto della scuola' },
          ],
        },
        {
          paragraph: ridotta
            ? `Poiché il fondo disponibile non copre tutte le quote spettanti, esso è ripartito tra i progetti in proporzione alle quote: la quota liquidata è pari al ${percentuale(parte)} di quella spettante. I centesimi che avanzano dal riparto sono attribuiti ai resti maggiori, così che la somma delle quote è pari al fondo.`
            : 'Il fondo disponibile copre tutte le quote spettanti: la quota è liquidata per intero.',
        },
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO],
};
