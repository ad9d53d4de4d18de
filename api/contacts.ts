/**
 * How the caller wants to be reached: address, number, channels, and the consents without which the school uses neither. What a person gives anew is used
 * once they repeat the code that is sent there; until then what they had stays.
 */
import type { Router } from 'express';
import { Type } from 'typebox';
import { readContacts, writeContacts, type ConsentedChannel, type Contacts } from '../database/contacts.ts';
import type { Person } from '../database/reads/people.ts';
import { mobileNumber } from '../engine/contacts/phone.ts';
import { Problem } from '../engine/problems.ts';
import { personOf, type ApiContext } from './context.ts';
import { languageOf, type Language } from './language.ts';
import { readJson } from './readBody.ts';
import { sendJson } from './sendJson.ts';
import { createValidator, type FieldError } from './validators.ts';

const VERSION = Type.Object({ version: Type.String({ minLength: 1, maxLength: 60, description: 'Of the information (informativa) that the person agrees to' }) }, { additionalProperties: false });
/** What `PUT /me/contacts` takes: all of it but the consents, of which only those named change. */
export const CONTACTS = Type.Object({
  email: Type.Union([Type.String({ format: 'email', maxLength: 200 }), Type.Null()], { description: 'Null: the address of the account' }),
  phone: Type.Union([Type.String({ minLength: 3, maxLength: 40, description: 'A mobile number; without a prefix it is Italian' }), Type.Null()]),
  channels: Type.Array(Type.Union([Type.Literal('email'), Type.Literal('sms'), Type.Literal('portal')]), { uniqueItems: true, minItems: 1, maxItems: 3 }),
  consents: Type.Optional(Type.Object({ email: Type.Optional(Type.Union([VERSION, Type.Null()])), sms: Type.Optional(Type.Union([VERSION, Type.Null()])) }, { additionalProperties: false, description: 'A version gives consent, null withdraws it' })),
}, { additionalProperties: false, examples: [{ email: null, phone: '333 1230101', channels: ['portal', 'email', 'sms'], consents: { email: { version: '2026-09' }, sms: { version: '2026-09' } } }, { email: null, phone: null, channels: ['portal'], consents: { email: null } }] });
const validate = createValidator(CONTACTS);
/** What `POST /me/contacts/verify` takes. */
export const CODE = Type.Object({ channel: Type.Union([Type.Literal('email'), Type.Literal('sms')]), code: Type.String({ pattern: '^ *[0-9]{6} *$', description: 'As it was sent there; five tries, 30 minutes' }) }, { additionalProperties: false });
const validateCode = createValidator(CODE);
interface ContactsBody { email: string | null; phone: string | null; channels: Contacts['channels']; consents?: { email?: { version: string } | null; sms?: { version: string } | null } }

const TEXTS = {
  it: { wrong: 'Indica come vuoi ricevere le comunicazioni.', phone: 'non è il numero di un telefono cellulare', noPhone: 'per gli SMS serve un numero di cellulare', noEmail: 'serve un indirizzo: il profilo non ne ha uno', consent: 'manca il consenso per questo canale', often: 'troppi codici richiesti: riprova domani', code: 'Il codice non è giusto, è scaduto o è stato provato troppe volte.' },
  en: { wrong: 'Say how you want to be reached.', phone: 'is not the number of a mobile telephone', noPhone: 'SMS need a mobile number', noEmail: 'an address is needed: the account has none', consent: 'the consent for this channel is missing', often: 'too many codes were asked for: try again tomorrow', code: 'The code is wrong, over, or was tried too often.' },
} as const;
const CONSENTED = ['email', 'sms'] as const;

export function contactRoutes(api: ApiContext, router: Router): void {
  router.get('/me/contacts', async (_req, res) => {
    const person = personOf(res);
    sendJson(res, 200, present(person, await readContacts(api.pools.read, person.id)));
  });

  router.put('/me/contacts', async (req, res) => {
    const person = personOf(res), language = languageOf(req, person.locale);
    const body = await readJson(req);
    const errors = validate(body, language);
    if (errors) throw new Problem('invalid', TEXTS[language].wrong, { errors });
    const { email, phone: written, channels: wanted, consents = {} } = body as unknown as ContactsBody;
    const before = await readContacts(api.pools.read, person.id);
    const given = CONSENTED.flatMap(channel => (consents[channel] ? [{ channel, version: consents[channel].version }] : []));
    const withdrawn = CONSENTED.filter(channel => consents[channel] === null);
    const phone = written === null ? null : mobileNumber(written);
    // Who withdraws a consent need not take the channel out too (GDPR, art. 7 c. 3).
    const channels = wanted.filter(channel => !(withdrawn as string[]).includes(channel));
    const open = (channel: ConsentedChannel) => given.some(each => each.channel === channel) || before.consents.some(each => each.channel === channel && each.withdrawnAt === null && !withdrawn.includes(channel));
    const problems = mistakes({ person, email, phone, written, channels, open }, language);
    if (problems.length > 0) throw new Problem('invalid', TEXTS[language].wrong, { errors: problems });
    const own = { email: await proven(api, person, 'email', email?.toLowerCase() ?? null, before, language), phone: await proven(api, person, 'sms', phone, before, language) };
    await writeContacts(api.pools.commit, person.id, { ...own, channels: channels.length > 0 ? channels : ['portal'], given, withdrawn });
    sendJson(res, 200, present(person, await readContacts(api.pools.read, person.id)));
  });

  router.post('/me/contacts/verify', async (req, res) => {
    const person = personOf(res), language = languageOf(req, person.locale);
    const body = await readJson(req);
    const errors = validateCode(body, language);
    if (errors) throw new Problem('invalid', TEXTS[language].code, { errors });
    const { channel, code } = body as { channel: ConsentedChannel; code: string };
    if (!await api.engine.contactCodes.verify(person.id, channel, code.trim())) throw new Problem('invalid', TEXTS[language].code, { errors: [{ pointer: '/code', message: TEXTS[language].code }] });
    sendJson(res, 200, present(person, await readContacts(api.pools.read, person.id)));
  });
}

/** What may be used: what the person gives where it is known to be theirs (their own from before, the school's, the account's), else what they had, while a code is on its way. Throws Problem. */
async function proven(api: ApiContext, person: Person, channel: ConsentedChannel, given: string | null, before: Contacts, language: Language): Promise<string | null> {
  const had = channel === 'email' ? before.email : before.phone, pending = before.pending.find(each => each.channel === channel);
  const known = given === null || given === had?.toLowerCase() || (channel === 'email' && given === person.email?.toLowerCase());
  if (known) {
    if (pending) await api.engine.contactCodes.forget(person.id, channel);
    return given;
  }
  // One that is still good is not sent again: each SMS costs, and tries are counted.
  if (pending?.address === given && pending.failure === null) return had;
  if (!await api.engine.contactCodes.request(person.id, channel, given, language)) throw new Problem('invalid', TEXTS[language].often, { errors: [{ pointer: channel === 'email' ? '/email' : '/phone', message: TEXTS[language].often }] });
  return had;
}

function mistakes({ person, email, phone, written, channels, open }: { person: Person; email: string | null; phone: string | null; written: string | null; channels: string[]; open: (channel: ConsentedChannel) => boolean }, language: Language): FieldError[] {
  const texts = TEXTS[language];
  const at = (pointer: string, message: string) => ({ pointer, message });
  return [
    ...(written !== null && phone === null ? [at('/phone', texts.phone)] : []),
    ...(channels.includes('sms') && written === null ? [at('/phone', texts.noPhone)] : []),
    ...(channels.includes('email') && email === null && !person.email ? [at('/email', texts.noEmail)] : []),
    ...CONSENTED.flatMap(channel => (channels.includes(channel) && !open(channel) ? [at(`/consents/${channel}`, texts.consent)] : [])),
  ];
}

function present(person: Person, { email, phone, channels, chosenAt, consents, pending }: Contacts) {
  const waiting = (of: ConsentedChannel) => { const found = pending.find(({ channel }) => channel === of); return found ? { address: found.address, expiresAt: found.expiresAt.toISOString(), sent: found.sent, failure: found.failure } : null; };
  return {
    email, accountEmail: person.email, phone, channels, chosenAt: chosenAt?.toISOString() ?? null, pending: { email: waiting('email'), phone: waiting('sms') },
    consents: consents.map(({ channel, version, givenAt, source, withdrawnAt }) => ({ channel, version, givenAt: givenAt.toISOString(), source, withdrawnAt: withdrawnAt?.toISOString() ?? null })),
  };
}
