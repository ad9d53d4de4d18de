/** Absences: who is away from an organisation from when to when, and who acts meanwhile with their roles there. */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import { absencesBetween, findAbsence, insertAbsence, listAbsences, localToday, memberOf, withdrawAbsence, type Absence, type AbsencePosition, type PersonName } from '../database/absences.ts';
import { UUID } from '../database/uuid.ts';
import { idFrom } from '../engine/commit/create.ts';
import { Problem } from '../engine/problems.ts';
import { addDays } from '../plugins/calendar.ts';
import { absenceText } from './absenceText.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import type { Language } from './language.ts';
import { choiceParameter, limitParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { createValidator, type FieldError } from './validators.ts';

/** What `POST /absences` takes. Without `user`: the caller; without `organisation`: the one of the profile in force. */
export const NEW_ABSENCE = Type.Object({
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'User name or id' })),
  organisation: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
  from: Type.String({ format: 'date' }), to: Type.String({ format: 'date', description: 'The last day, included' }),
  deputy: Type.String({ minLength: 1, maxLength: 100, description: 'User name or id of an enabled person of the same organisation' }),
  reason: Type.String({ minLength: 3, maxLength: 200, description: 'Never the illness: the person, who records it and the managers read it' }),
}, { additionalProperties: false });
const validate = createValidator(NEW_ABSENCE);
interface NewAbsenceBody { user?: string; organisation?: string; from: string; to: string; deputy: string; reason: string }

/** Roles that record the absences of the people of their own organisation. */
const MANAGERS = ['dirigente', 'dirigentePolo', 'admin'];
/** A year too many is a slip of the pen, and would leave a deputy in power for it. */
const MOST_DAYS = 366;

export function absenceRoutes(api: ApiContext, router: Router): void {
  router.post('/absences', async (req, res) => {
    const asking = askingOf(api, req, res);
    const key = idempotencyKey(req, res);
    const body = await readJson(req);
    const errors = validate(body, asking.language);
    if (errors) throw new Problem('invalid', absenceText('wrong', asking.language), { errors });
    await record(api, res, asking, key, body as unknown as NewAbsenceBody);
  });

  router.get('/absences', async (req, res) => {
    const asking = askingOf(api, req, res);
    const past = choiceParameter(req, 'state', ['open', 'all'] as const, 'open') === 'all';
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000);
    const all = managed(asking);
    const query = JSON.stringify(['absences', asking.caller.userId, all, past]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as AbsencePosition);
    const rows = await listAbsences(api.pools.read, { userId: asking.caller.userId, all, past, after, limit: limit + 1 });
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items: items.map(row => presentAbsence(row, asking)), next: last ? api.cursors.write(query, { from: last.from, id: last.id }) : null });
  });

  router.delete('/absences/:id', async (req: Request<{ id: string }>, res) => {
    const asking = askingOf(api, req, res), { userId } = asking.caller;
    const absence = UUID.test(req.params.id) ? await findAbsence(api.pools.read, req.params.id) : null;
    const manages = absence !== null && managed(asking) === absence.organisation;
    if (!absence || !(manages || absence.user.id === userId || absence.deputy.id === userId)) throw new Problem('not-found', absenceText('unknown', asking.language));
    if (asking.profile.deputyship || !(manages || absence.user.id === userId)) throw new Problem('forbidden', absenceText('notYours', asking.language));
    // Who could act on days that are past stays as it was.
    if (absence.over && absence.withdrawnAt === null) throw new Problem('conflict', absenceText('over', asking.language), { absence: absence.id });
    await withdrawAbsence(api.pools.commit, absence.id, userId);
    sendJson(res, 200, presentAbsence((await findAbsence(api.pools.read, absence.id))!, asking));
  });
}

/** The organisation whose absences the caller looks after. A deputy does not: nobody extends their own time, or makes deputies of deputies. */
function managed({ caller, profile }: Asking): string | null {
  return !profile.deputyship && MANAGERS.includes(caller.role) ? caller.organisation : null;
}

async function record(api: ApiContext, res: Response, asking: Asking, key: string, body: NewAbsenceBody): Promise<void> {
  const { caller, person, language } = asking, { from, to, reason } = body;
  if (asking.profile.deputyship) throw new Problem('forbidden', absenceText('asDeputy', language));
  const organisation = body.organisation ?? caller.organisation;
  if (organisation === null) throw refused(language, 'whichOrganisation', '/organisation');
  const own = body.user === undefined || body.user === person.id || body.user === person.username;
  if (!own && managed(asking) !== organisation) throw new Problem('forbidden', absenceText('notYours', language));
  const user = await memberOf(api.pools.read, organisation, own ? person.id : body.user!);
  if (!user) throw refused(language, own ? 'notMember' : 'userNotMember', own ? '/organisation' : '/user');
  const deputy = await memberOf(api.pools.read, organisation, body.deputy);
  if (!deputy) throw refused(language, 'deputyNotMember', '/deputy');
  if (deputy.id === user.id) throw refused(language, 'sameDeputy', '/deputy');

  const id = idFrom('absence', caller.userId, key);
  const earlier = await findAbsence(api.pools.read, id);
  if (!earlier) {
    const today = await localToday(api.pools.read);
    if (to < from) throw refused(language, 'wrongOrder', '/to');
    if (to < today) throw refused(language, 'past', '/to');
    if (to >= addDays(from, MOST_DAYS)) throw refused(language, 'tooLong', '/to');
    const inserted = await insertAbsence(api.pools.commit, { id, userId: user.id, deputyId: deputy.id, organisation, from, to, reason, setBy: caller.userId });
    if (inserted === 'overlap') {
      const [other] = (await absencesBetween(api.pools.read, organisation, [user.id], from, to)).filter(absence => absence.user.id === user.id);
      throw new Problem('conflict', absenceText('overlap', language), other ? { absence: other.id, from: other.from, to: other.to } : {});
    }
  }
  const absence = (await findAbsence(api.pools.read, id))!;
  const same = absence.user.id === user.id && absence.deputy.id === deputy.id && absence.organisation === organisation && absence.from === from && absence.to === to && absence.reason === reason;
  if (!same) throw new Problem('idempotency-key-reused', absenceText('keyReused', language));
  sendJson(res, 201, { ...presentAbsence(absence, asking), warnings: await warningsOf(api, absence, user, deputy, language) });
}

function refused(language: Language, why: Parameters<typeof absenceText>[0], pointer: string): Problem {
  const message = absenceText(why, language);
  return new Problem('invalid', message, { errors: [{ pointer, message }] satisfies FieldError[] });
}

/** Not refused: a deputy who is away for a day of two weeks is better than none. Deputies of deputies are not followed, so somebody should look. */
async function warningsOf(api: ApiContext, absence: Absence, user: PersonName, deputy: PersonName, language: Language) {
  const others = (await absencesBetween(api.pools.read, absence.organisation, [user.id, deputy.id], absence.from, absence.to)).filter(({ id }) => id !== absence.id);
  const warning = (code: 'deputyAbsent' | 'isDeputy', { id, from, to }: Absence) => ({ code, text: absenceText(code, language), absence: id, from, to });
  return [...others.filter(other => other.user.id === deputy.id).map(other => warning('deputyAbsent', other)), ...others.filter(other => other.deputy.id === user.id).map(other => warning('isDeputy', other))];
}

/** The reason is for the person, for who recorded it and for the managers; a deputy needs to know when, not why. */
function presentAbsence({ reason, ...absence }: Absence, asking: Asking) {
  const { userId } = asking.caller;
  const seesReason = absence.user.id === userId || absence.setBy === userId || managed(asking) === absence.organisation;
  return { ...absence, reason: seesReason ? reason : null };
}
