/** A process names its recipients one by one, in its own rows: persons, and pupils whose people are meant. Any plugin may, without a line in the engine. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import { writeContacts } from '../../database/contacts.ts';
import { agendaOf, openLife, until, type Life } from '../agenda/life.ts';
import { defineToy } from '../toys/toy.ts';
import { HEADER } from './installation.ts';

const words = ({ recipient, data }: { recipient: { name: string; pupils: { name: string }[] }; data: { che: string } }) => ({ subject: `${data.che} per ${recipient.name}`, text: recipient.pupils.map(({ name }) => name).join() || 'nessuno', sms: '' });
const elenco = defineToy<{ persone: string[] }>({
  process: 'elenco', drafts: ['bozza'],
  machine: createMachine({ id: 'elenco', initial: 'bozza', states: { bozza: { on: { avvisa: { target: 'avvisata', actions: ['scriviRighe', 'avviso'] } } }, avvisata: { type: 'final' } } }),
  commands: { avvisa: {} }, create: { schema: { type: 'object' } as never, by: ['segreteria'], context: ({ data }) => ({ persone: data.persone }) },
  items: { scriviRighe: ({ context }) => [...context.persone.map(user => ({ kind: 'riga', key: user, data: { user } })), { kind: 'riga', key: 'A1', data: { pupil: 'A1', schoolYear: '2026/27' } }, { kind: 'altro', key: 'x', data: { user: 'x' } }] },
  effects: { avviso: { does: 'broadcast', input: () => ({ template: 'avviso', from: 'scuola', to: { items: 'riga' }, channels: ['email', 'portal'], data: { che: 'Avviso' } }) } },
  broadcasts: { avviso: { version: 1, it: words, en: words } },
});

let life: Life;
beforeAll(async () => {
  life = await openLife([elenco]);
  await life.work();
});
afterAll(() => life?.close());

it('each once, in their language, on the channels that are theirs; the case may be over by then', async () => {
  const { engine, people, pools, mail, admin } = life, anna = people.genitore.userId;
  await engine.families.importFamilies({ school: 'S1', year: '2026/27', content: Buffer.from(`${HEADER}\nA1;Verdi;Ugo;1A;G1;Verdi;Ada;ada@example.it;;01/09/2026;;it`), preview: false, by: 'x' });
  await writeContacts(pools.commit, anna, { email: 'altra@example.it', phone: null, channels: ['email'], given: [{ channel: 'email', version: '1' }], withdrawn: [] });
  const { record: { state: { id } } } = await engine.createCase({ process: 'elenco', data: { persone: [anna, anna.toUpperCase(), people.segreteria.userId, 'nessuno', randomUUID()] }, parties: {}, caller: people.segreteria, key: randomUUID() });
  await engine.giveCommand({ caseId: id, command: 'avvisa', data: {}, caller: people.segreteria, key: randomUUID() });
  await until(async () => (await agendaOf(life, id, 'avviso'))[0]?.state === 'done', 'it was sent');
  expect(mail.received.map(({ to, subject }) => [to, subject]).sort()).toEqual([['ada@example.it', 'Avviso per Ada Verdi'], ['altra@example.it', 'Avviso per Anna']]);
  expect((await admin.query('select u.username, d.channel, d.state from deliveries d join users u on u.id = d.user_id order by 1, 2')).rows.map(row => Object.values(row).join(' '))).toEqual(['anna email delivered', 'famiglia.s1.g1 email delivered', 'mario portal delivered']);
});
