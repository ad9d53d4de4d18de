/** The dossier of a case: all that its reader may read one by one, and nothing else; verifiable without us; every reading on record. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBuffer } from 'yauzl-promise';
import { verify } from '../history/exported.ts';
import { corrispondenza } from '../toys/corrispondenza.ts';
import { BARI, pdfForm, POLO, startTestApi, type TestApi } from './harness.ts';
import { performEffects } from './performEffects.ts';

let api: TestApi, id: string;
beforeAll(async () => {
  api = await startTestApi({ plugins: [corrispondenza] });
  ({ body: { id } } = await api.post('segreteria.bari', '/processes/corrispondenza/cases', { data: { alunno: 'Luca Segreti' }, parties: { polo: POLO, famiglia: 'famiglia.rossi' } }));
  await api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('certificato') });
  await api.post('segreteria.bari', `/cases/${id}/commands/presenta`);
  await performEffects(api, id);
  await api.post('polo.puglia', `/cases/${id}/commands/autorizza`);
  await performEffects(api, id);
});
afterAll(async () => { await api.stop(); });

interface Taken { status: number; headers: Headers; files: Map<string, Buffer> }
async function take(username: string, headers: Record<string, string> = {}): Promise<Taken> {
  const response = await fetch(`${api.base}/api/v1/cases/${id}/dossier`, { headers: { authorization: `Bearer ${await api.newToken(username)}`, ...headers } });
  const files = new Map<string, Buffer>(), bytes = Buffer.from(await response.arrayBuffer());
  if (response.status === 200) {
    const zip = await fromBuffer(bytes);
    for await (const entry of zip) {
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.openReadStream()) chunks.push(chunk as Buffer);
      files.set(entry.filename, Buffer.concat(chunks));
    }
  }
  return { status: response.status, headers: response.headers, files };
}
const kinds = (files: Map<string, Buffer>) => [...new Set([...files.keys()].map(path => path.replace(/\/.*/, '')))].sort();
const named = (files: Map<string, Buffer>, folder: string) => [...files.keys()].filter(path => path.startsWith(`${folder}/`)).map(path => path.slice(folder.length + 1));

describe('the dossier', () => {
  it('holds documents, attachments, mail, register extract and history for the school that wrote', async () => {
    const { headers, files } = await take('segreteria.bari');
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual(['application/zip', expect.stringMatching(/^attachment; filename="fascicolo .*\.zip"/)]);
    expect(kinds(files)).toEqual(['LEGGIMI.txt', 'allegati', 'documenti', 'posta', 'protocollo', 'storico']);
    const year = new Date().getFullYear();
    expect(named(files, 'documenti')).toEqual([`001 richiesta prot 0000001-${year}.pdf`, `002 prospetto prot 0000001-${year}.pdf`, `003 autorizzazione prot 0000002-${year}.pdf`]);
    for (const path of named(files, 'documenti')) expect(files.get(`documenti/${path}`)!.subarray(0, 5).toString()).toBe('%PDF-');
    expect(named(files, 'posta/inviata')).toHaveLength(2);
    expect(files.get('posta/inviata/001 inviaRichiesta - polo.eml')!.toString()).toContain('segnatura.xml');
    expect(files.get(`protocollo/registro di ${BARI}.csv`)!.toString()).toMatch(/0000001;\d{4};[\d-]+;uscita;Progetto Istruzione Domiciliare/);
  });

  it('says the digest of every file, and its history verifies offline', async () => {
    const { files } = await take('segreteria.bari'), readme = files.get('LEGGIMI.txt')!.toString();
    for (const [path, bytes] of files) if (path !== 'LEGGIMI.txt') expect(readme).toContain(`${createHash('sha256').update(bytes).digest('hex')}  ${path}`);
    const { code, text } = await verify([files.get('storico/storico.json')!], [corrispondenza], '--refold');
    expect([code, text]).toEqual([0, expect.stringContaining('decisions folded again')]);
    expect(JSON.parse(files.get('storico/verifica.json')!.toString())).toMatchObject({ valid: true });
  });

  it('gives each role what it may read, and no more', async () => {
    const [docente, famiglia, polo] = await Promise.all(['docente.bari', 'famiglia.rossi', 'polo.puglia'].map(username => take(username)));
    expect(named(docente!.files, 'documenti')).toEqual([]);
    expect(named(famiglia!.files, 'documenti')).toEqual([expect.stringMatching(/^001 autorizzazione/)]);
    expect(named(famiglia!.files, 'protocollo')).toEqual([]);
    expect(named(polo!.files, 'protocollo')).toEqual([`registro di ${POLO}.csv`]);
    for (const username of ['segreteria.milano', 'famiglia.bianchi', 'admin']) expect((await take(username)).status).toBe(404);
    expect((await fetch(`${api.base}/api/v1/cases/${id}/dossier`)).status).toBe(401);
  });

  it('records each reading, with the reason', async () => {
    await take('segreteria.bari', { 'iter-reason': 'richiesta di un avvocato' });
    const { body } = await api.get('famiglia.rossi', `/cases/${id}/access-log`);
    const fields = body.items.filter(({ reason }: any) => reason === 'richiesta di un avvocato').flatMap((row: any) => row.fields);
    expect(fields).toEqual(expect.arrayContaining(['richiesta', 'certificato', 'mail']));
    // A document that nobody protects is read without a record.
    expect(fields).not.toContain('prospetto');
  });
});
