/** When the fund may pay (Procedura ID, "Conclusione e rendicontazione") and when it may close. */
import type { Member, Refusal, Rule, Step } from '../../contract.ts';
import { daLiquidare, finanziatoCents, progettiOf } from './projects.ts';
import type { Contesto } from './types.ts';

type FundStep<D = any> = Step<Contesto, D>;

const RENDICONTATI = ['rendicontata', 'liquidata'];
/** Out of the fund: by the school, by the polo, or never begun. */
const USCITI = ['rinuncia', 'decadenza', 'annullata', 'respinta'];

const progetti = ({ facts }: FundStep): Member[] => facts.members.filter(({ process }) => process === 'istruzione-domiciliare');
/** Authorised with at least one lesson, and still in the fund. */
const attivati = (step: FundStep): Member[] => progetti(step).filter(({ state, row }) => row.attivato === true && !USCITI.includes(state));
const named = (members: Member[]) => members.map(({ id, number, state, row }) => ({ numero: number ?? id, scuola: row.scuola ?? null, stato: state }));

/** "… e il finanziamento da parte del MIUR." */
function checkFinanziamento({ context }: FundStep): Refusal | null {
  return finanziatoCents(context) === 0 ? { rule: 'finanziamentoMancante', figures: { annoScolastico: context.annoScolastico, finanziatoCents: 0 } } : null;
}

/** "Quando ha ricevuto le rendicontazioni di tutti i progetti di ID attivati." The cases themselves are asked, in this transaction. */
function checkRendiconti(step: FundStep): Refusal | null {
  const tutti = attivati(step);
  const mancanti = tutti.filter(({ state }) => !RENDICONTATI.includes(state));
  return mancanti.length > 0
    ? { rule: 'rendicontiMancanti', figures: { attivati: tutti.length, rendicontati: tutti.length - mancanti.length, mancano: mancanti.length, progetti: named(mancanti) } } : null;
}

/** A report was sent but its figures have not reached the fund yet: paying now would leave that project out. */
function checkInArrivo(step: FundStep): Refusal | null {
  const righe = new Map(progettiOf(step.facts.items).map(({ key, data }) => [key, data]));
  const inArrivo = attivati(step).filter(({ id }) => !righe.get(id)?.rendiconto);
  return inArrivo.length > 0 ? { rule: 'rendicontiInArrivo', figures: { inArrivo: inArrivo.length, progetti: named(inArrivo) } } : null;
}

function checkDaLiquidare({ context, facts }: FundStep): Refusal | null {
  return daLiquidare(facts.items).length === 0 ? { rule: 'nessunProgettoDaLiquidare', figures: { progetti: context.progetti, rendicontati: context.rendicontati, liquidazioni: context.liquidazioni.length } } : null;
}

const checkAtto = ({ data, today }: FundStep): Refusal | null => (data.atto.data > today ? { rule: 'dataFutura', pointer: '/atto/data', figures: { data: data.atto.data, oggi: today } } : null);

export const rules: Record<string, Rule<Contesto>> = {
  finanziamentoRegolare: step => checkAtto(step)
    ?? (step.context.finanziamenti.some(({ atto }) => atto.numero === step.data.atto.numero && atto.data === step.data.atto.data)
      ? { rule: 'attoGiaRegistrato', pointer: '/atto', figures: { ...step.data.atto } } : null),
  ibanRegistrabile: ({ data, facts }) => (progettiOf(facts.items).some(({ key, data: riga }) => key === data.progetto && riga.rendiconto !== null) ? null
    : { rule: 'progettoNonRendicontato', pointer: '/progetto', figures: { progetto: data.progetto } }),
  liquidabile: step => checkAtto(step) ?? checkFinanziamento(step) ?? checkRendiconti(step) ?? checkInArrivo(step) ?? checkDaLiquidare(step),
  /** Closed when no project can say anything more. */
  chiudibile: step => {
    const vivi = progetti(step).filter(({ state }) => state !== 'liquidata' && !USCITI.includes(state));
    return vivi.length > 0 ? { rule: 'progettiAperti', figures: { aperti: vivi.length, progetti: named(vivi) } } : null;
  },
};
