/** How each person wants to be reached, and what they consented to: as `iter_api` for themselves, written as `iter_commit`. */
import type pg from 'pg';
import { pipeline } from './pools.ts';
import { readAs } from './reads/session.ts';

export type ConsentedChannel = 'email' | 'sms';
export interface Consent { channel: ConsentedChannel; version: string; givenAt: Date; source: 'self' | 'secretariat'; withdrawnAt: Date | null }
export interface Contacts {
  /** Null: that of the account. */
  email: string | null;
  /** E.164. */
  phone: string | null;
  channels: ('email' | 'sms' | 'portal')[];
  /** Null: they said nothing themselves yet. */
  chosenAt: Date | null;
  /** Given by the person, and not shown to be theirs yet. */
  pending: { channel: ConsentedChannel; address: string; expiresAt: Date; sent: boolean; failure: string | null }[];
  /** Newest first; those withdrawn too. */
  consents: Consent[];
}
export interface ContactsChange {
  email: string | null;
  phone: string | null;
  channels: Contacts['channels'];
  /** Given now, with the version of what they agreed to. */
  given: { channel: ConsentedChannel; version: string }[];
  withdrawn: ConsentedChannel[];
}

const NOTHING: Contacts = { email: null, phone: null, channels: ['portal'], chosenAt: null, pending: [], consents: [] };

export async function readContacts(pool: pg.Pool, userId: string): Promise<Contacts> {
  const [contacts, consents, pending] = await readAs(pool, { organisation: null, userId }, [
    { name: 'read_contacts', values: [userId], text: 'select email, phone, channels, chosen_at as "chosenAt" from contacts where user_id = $1' },
    { name: 'read_consents', values: [userId], text: 'select channel, version, given_at as "givenAt", source, withdrawn_at as "withdrawnAt" from consents where user_id = $1 order by given_at desc, channel' },
    { name: 'read_contact_codes', values: [userId], text: 'select channel, address, expires_at as "expiresAt", send_at is null as sent, failure from contact_codes where user_id = $1 and expires_at > clock_timestamp() order by channel' },
  ]);
  return { ...(contacts!.rows[0] ?? NOTHING), consents: consents!.rows, pending: pending!.rows };
}

/** Their own words, from now on: a file of the secretariat changes nothing of them any more. A consent to the version that stands is not given twice. */
export async function writeContacts(pool: pg.Pool, userId: string, { email, phone, channels, given, withdrawn }: ContactsChange): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await pipeline(client, [
      client.query('begin'),
      client.query({
        name: 'write_contacts', values: [userId, email, phone, channels, userId],
        text: `insert into contacts (user_id, email, phone, channels, chosen_at, updated_by) values ($1, $2, $3, $4, clock_timestamp(), $5)
 on conflict (user_id) do update set email = excluded.email, phone = excluded.phone, channels = excluded.channels, chosen_at = excluded.chosen_at, updated_at = clock_timestamp(), updated_by = excluded.updated_by`,
      }),
      client.query({
        name: 'withdraw_consents', values: [userId, withdrawn, JSON.stringify(given), userId],
        text: `update consents c set withdrawn_at = clock_timestamp(), withdrawn_by = $4 where user_id = $1 and withdrawn_at is null
 and (channel = any ($2) or exists (select from jsonb_to_recordset($3::jsonb) as g(channel text, version text) where g.channel = c.channel and g.version <> c.version))`,
      }),
      client.query({
        name: 'give_consents', values: [userId, JSON.stringify(given), userId],
        text: `insert into consents (user_id, channel, version, given_at, source, given_by) select $1, g.channel, g.version, clock_timestamp(), 'self', $3 from jsonb_to_recordset($2::jsonb) as g(channel text, version text)
 where not exists (select from consents c where c.user_id = $1 and c.channel = g.channel and c.withdrawn_at is null)`,
      }),
      client.query('commit'),
    ]);
  } catch (error) {
    broken = await client.query('rollback').then(() => undefined, (failure: Error) => failure);
    throw error;
  } finally {
    client.release(broken);
  }
}
