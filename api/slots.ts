/** Offered time: which slots there are, and which of them are free. Whoever is signed in may look; who took a slot is told to nobody. */
import type { Request, Router } from 'express';
import { UUID } from '../database/uuid.ts';
import { addDays, daysBetween, romeDate } from '../plugins/calendar.ts';
import type { JsonObject, LabelSet, Offer } from '../plugins/contract.ts';
import { Problem } from '../engine/problems.ts';
import { askingOf, type ApiContext } from './context.ts';
import { choiceParameter, dateParameter, limitParameter, textParameter } from './query.ts';
import { sendJson } from './sendJson.ts';

/** Days shown without `to`, and the most that are worked out at once. */
const NORMAL_DAYS = 31, MOST_DAYS = 93;

export function slotRoutes(api: ApiContext, router: Router): void {
  router.get('/slots', async (req, res) => {
    const { language } = askingOf(api, req, res);
    const process = textParameter(req, 'process');
    if (process === undefined) throw new Problem('malformed', 'Say of which process: process=…');
    const { plugin } = api.processes.current(process);
    if (!plugin.offers) throw new Problem('not-found', `The process "${process}" offers no time.`);
    const caseId = textParameter(req, 'case') ?? null, party = textParameter(req, 'party') ?? null;
    if (caseId !== null && !UUID.test(caseId)) throw new Problem('malformed', 'case must be the id of a case.');
    const onlyFree = choiceParameter(req, 'free', ['true', 'false'] as const, 'false') === 'true';
    const { offers, names, more, at } = await api.engine.readOffers({ process, caseId, party, range: rangeOf(req), most: limitParameter(req, 50, 100) });
    sendJson(res, 200, { at, more, items: offers.map(offer => presentOffer(offer, plugin.labels[language], names, onlyFree)) });
  });
}

function rangeOf(req: Request): { from: string; to: string } {
  const today = romeDate(new Date().toISOString());
  const from = dateParameter(req, 'from') ?? today, to = dateParameter(req, 'to') ?? addDays(from, NORMAL_DAYS - 1);
  if (to < from || daysBetween(from, to) >= MOST_DAYS) throw new Problem('malformed', `from and to must be in order and at most ${MOST_DAYS} days.`);
  return { from, to };
}

/** The names of fields and the words among their values, as people read them. */
function wordsOf(shown: JsonObject[], { fields }: LabelSet): Record<string, string> {
  const words = new Set(shown.flatMap(each => Object.entries(each).flatMap(([field, value]) => (typeof value === 'string' ? [field, value] : [field]))));
  return Object.fromEntries([...words].filter(word => Object.hasOwn(fields, word)).map(word => [word, fields[word]!]));
}

/** Without what a slot keeps for who books it. */
function presentOffer({ id, process, parties, terms, slots }: Offer, labels: LabelSet, names: Map<string, string>, onlyFree: boolean) {
  return {
    case: id, process, processLabel: labels.process, parties: Object.fromEntries(Object.entries(parties).map(([party, principal]) => [party, { id: principal, name: names.get(principal) ?? null }])), terms, labels: wordsOf([terms, ...slots.map(({ detail }) => detail)], labels),
    slots: slots.filter(({ free, bookable }) => !onlyFree || free && bookable).map(({ from, to, detail, free, bookable }) => ({ from, to, free, bookable, detail })),
  };
}
