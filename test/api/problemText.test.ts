/** A school reads Italian: whatever these routes refuse is said in the caller's language, title and sentence. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemText } from '../../api/problemText.ts';
import { colloquio } from '../../plugins/colloquio/plugin.ts';
import { comunicazione } from '../../plugins/comunicazione/plugin.ts';
import { disponibilita } from '../../plugins/disponibilita/plugin.ts';
import { startTestApi, type TestApi } from './harness.ts';

const ROUTES = ['broadcasts', 'calendars', 'contacts', 'cursors', 'families', 'imports', 'inbox', 'query', 'readBody', 'requestHeaders', 'signIn', 'slots', 'tableUpload', 'smsReceipts', 'problems', 'profile', 'cases'];

/** Sentences as they stand in the code; where something is filled in, with something in it. */
function sentencesOf(route: string): string[] {
  const code = readFileSync(new URL(`../../api/${route}.ts`, import.meta.url), 'utf8');
  return [...code.matchAll(/new Problem\('[a-z-]+', (?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g)].map(([, plain, filled]) => plain ?? filled!.replaceAll(/\$\{req\.path\}/g, '/x').replaceAll(/\$\{(?:name|req\.method)\}/g, 'X').replaceAll(/\$\{[^}]*\}/g, '7'));
}

it.each(ROUTES)('every sentence of api/%s.ts has its Italian', route => {
  const english = sentencesOf(route).filter(sentence => problemText(sentence, 'it') === sentence);
  // Addressed to whoever reads the reference of the problems, in the address of a code.
  expect(english.filter(sentence => !sentence.startsWith('There is no problem'))).toEqual([]);
});

it('the sentences are found at all, and stay English for who reads English', () => {
  expect(sentencesOf('inbox')).toEqual(['There is no such message.', 'Nobody asks to take note of this message.']);
  expect(sentencesOf('slots')).toContain('from and to must be in order and at most 7 days.');
  expect(problemText('There is no such case.', 'en')).toBe('There is no such case.');
  expect(problemText('La pratica non è conclusa.', 'it')).toBe('La pratica non è conclusa.');
});

describe('over HTTP', () => {
  let api: TestApi, id: string;
  const NOBODY = '00000000-0000-4000-8000-000000000000', AS_PARENT = { 'iter-profile': 'persona/genitore' };
  beforeAll(async () => {
    api = await startTestApi({ plugins: [comunicazione, disponibilita, colloquio] });
    id = (await api.post('docente.bari', '/processes/comunicazione/cases', { data: {} })).body.id;
  });
  afterAll(async () => { await api.stop(); });
  const told = async (path: string, language: string, username = 'segreteria.bari', headers: Record<string, string> = {}) => {
    const { status, body } = await api.get(username, path, { ...headers, 'accept-language': language });
    return [status, body.title, body.detail];
  };

  it('an estimate before there are words says what is missing, and not that something is taken', async () => {
    expect(await told(`/cases/${id}/broadcasts/estimate`, 'it')).toEqual([409, 'La procedura non ammette ora questa azione', 'Il messaggio non è completo: indicare che cosa si scrive e a chi.']);
    expect(await told(`/cases/${id}/broadcasts/estimate`, 'en')).toEqual([409, 'The procedure does not take this command now', 'The message is not complete: say what is written, and to whom.']);
  });
  it.each([
    [`/cases/${NOBODY}`, 404, 'Questa pratica non esiste o non è fra quelle che puoi vedere.'], [`/cases/${NOBODY}/broadcasts`, 404, 'Questa pratica non esiste o non è fra quelle che puoi vedere.'], [`/inbox/${NOBODY}`, 404, 'Questo messaggio non esiste.'],
    ['/slots?process=comunicazione', 404, 'Il procedimento “comunicazione” non offre orari.'], ['/slots?process=disponibilita&from=2026-10-02&to=2026-10-01', 400, 'from e to devono essere in ordine e distare al massimo 93 giorni.'],
    ['/families?schoolYear=2026', 400, 'L’anno scolastico si scrive 2026/27.'], ['/families?limit=x', 400, 'limit deve essere un numero intero da 1 in su.'], ['/imports/altro/mapping', 404, 'Questa importazione non esiste.'], ['/dovunque', 404, 'Non c’è GET /dovunque.'],
  ])('GET %s', async (path, status, detail) => {
    expect(await told(path, 'it')).toMatchObject([status, expect.any(String), detail.replace('/dovunque', '/api/v1/dovunque')]);
  });
  it('of a family in its own language, where the request names none', async () => {
    const { body } = await api.get('famiglia.rossi', '/families', AS_PARENT);
    expect([body.status, body.detail]).toEqual([403, 'Lo può fare solo chi tiene l’elenco delle famiglie di una scuola.']);
  });
});
