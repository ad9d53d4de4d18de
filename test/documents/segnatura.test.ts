/** Another administration's software reads the segnatura and nobody sees it: what it says is checked against the schema, the seal with another verifier's eyes. */
// @peculiar/x509 needs it before itself.
import 'reflect-metadata';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { SignedXml } from 'xml-crypto';
import { validateXML } from 'xmllint-wasm';
import type { Seal } from '../../activities/documents/sealSegnatura.ts';
import { SegnaturaError, writeSegnatura, type Segnatura } from '../../activities/documents/segnatura.ts';

const schemas = join(import.meta.dirname, 'schemas');
const file = (name: string) => ({ fileName: name, contents: readFileSync(join(schemas, name), 'utf8') });
const SCHEMA = file('segnatura_protocollo.xsd'), IMPORTED = file('xmldsig-core-schema.xsd');

const schemaErrors = async (xml: string) => (await validateXML({ xml: [{ fileName: 'segnatura.xml', contents: xml }], schema: [SCHEMA], preload: [IMPORTED] })).errors.map(({ message }) => message);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const minimal: Segnatura = {
  sender: { name: 'I.C. «A. Rosmini» & C.', code: 'istsc_baic818001', areaCode: 'AB12CD3' },
  protocol: { registerCode: 'RP', number: '0000123', date: '2026-11-22' },
  subject: 'Autorizzazione <istruzione domiciliare>',
  classification: { name: 'Alunni', code: 'IV.7' },
  recipients: [{ kind: 'administration', name: 'Comune di Bari', code: 'c_a662' }],
  primary: { name: 'autorizzazione "1".pdf', mediaType: 'application/pdf', sha256: sha256('') },
  attachments: [],
};
const full: Segnatura = {
  ...minimal,
  sender: { ...minimal.sender, taxCode: '93012345678', pec: 'baic818001@pec.istruzione.it' },
  protocol: { ...minimal.protocol, time: '09:30:00' },
  firstProtocol: { administrationCode: 'c_a662', areaCode: 'X1', registerCode: 'PG', number: '1234567', date: '2026-10-01' },
  dossier: { name: 'Istruzione domiciliare 2026/27', code: '2026-IV.7-12' },
  confidential: true,
  recipients: [
    { kind: 'administration', name: 'Comune di Bari', code: 'c_a662', areaCode: 'AOO1', taxCode: '80015010723', pec: 'comune@pec.it' },
    { kind: 'company', name: 'Cooperativa Sole', taxCode: '01234567890', address: 'sole@pec.it', forInformation: true, wantsReceipt: false },
    { kind: 'person', firstName: 'Niccolò', lastName: 'D’Arrò', taxCode: 'DRRNCL80A01A662X', address: 'nd@example.org' },
  ],
  attachments: [{ name: 'certificato.pdf.p7m', mediaType: 'application/pkcs7-mime', sha256: sha256('b').toUpperCase(), description: 'Certificato medico' }],
};

describe('a segnatura without seal', () => {
  it.each([['the least', minimal], ['all', full]])('lacks nothing but the seal that the schema demands: %s', async (_, input) => {
    const errors = await schemaErrors(writeSegnatura(input));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('Missing child element(s). Expected is ( {http://www.w3.org/2000/09/xmldsig#}Signature )');
  });

  it('carries each digest as the bytes, and each name as it is', () => {
    const xml = writeSegnatura(full);
    // Known by heart: the SHA-256 of nothing.
    expect(xml).toContain('<prot:DocumentoPrimario prot:nomeFile="autorizzazione &quot;1&quot;.pdf" prot:mimeType="application/pdf"><prot:Impronta prot:algoritmo="SHA-256">47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</prot:Impronta>');
    expect(xml).toContain('<prot:NumeroRegistrazione>0000123</prot:NumeroRegistrazione><prot:DataRegistrazione>2026-11-22</prot:DataRegistrazione><prot:OraRegistrazione>09:30:00</prot:OraRegistrazione>');
    expect(xml).toContain('<prot:Oggetto>Autorizzazione &lt;istruzione domiciliare&gt;</prot:Oggetto>');
    expect(xml).toContain('<prot:Destinatario prot:confermaRicezione="false" prot:perConoscenza="true"><prot:PersonaGiuridica>');
  });

  it('has the same bytes for the same input', () => expect(writeSegnatura(full)).toBe(writeSegnatura(structuredClone(full))));

  it.each<[string, Partial<Segnatura>, string]>([
    ['six digits', { protocol: { ...minimal.protocol, number: '000123' } }, '/protocol/number'],
    ['digits of another script', { protocol: { ...minimal.protocol, number: '٠٠٠٠١٢٣' } }, '/protocol/number'],
    ['a register of 17 letters', { protocol: { ...minimal.protocol, registerCode: 'R'.repeat(17) } }, '/protocol/registerCode'],
    ['30 February', { protocol: { ...minimal.protocol, date: '2026-02-30' } }, '/protocol/date'],
    ['25 o\'clock', { protocol: { ...minimal.protocol, time: '25:00:00' } }, '/protocol/time'],
    ['an invisible subject', { subject: '\u0000\u200b \n' }, '/subject'],
    ['no class', { classification: { name: '', code: 'IV' } }, '/classification/name'],
    ['nobody', { recipients: [] }, '/recipients'],
    ['a person\'s wrong tax code', { recipients: [{ kind: 'person', firstName: 'A', lastName: 'B', taxCode: 'ABC' }] }, '/recipients/0/taxCode'],
    ['an administration without code', { recipients: [{ kind: 'administration', name: 'Comune', code: ' ' }] }, '/recipients/0/code'],
    ['two addresses', { recipients: [{ kind: 'company', name: 'X', address: 'a@b.it, c@d.it' }] }, '/recipients/0/address'],
    ['a SHA-1', { primary: { ...minimal.primary, sha256: 'a'.repeat(40) } }, '/primary/sha256'],
    ['no media type', { primary: { ...minimal.primary, mediaType: 'pdf' } }, '/primary/mediaType'],
    ['a path', { primary: { ...minimal.primary, name: '../x.pdf' } }, '/primary/name'],
    ['a name that would be rewritten', { primary: { ...minimal.primary, name: 'fattura\u202efdp.exe' } }, '/primary/name'],
    ['two files of one name', { attachments: [{ ...minimal.primary, name: minimal.primary.name.toUpperCase() }] }, '/attachments/0/name'],
  ])('is refused with %s', (_, over, pointer) => {
    expect(() => writeSegnatura({ ...minimal, ...over })).toThrow(expect.objectContaining({ name: 'SegnaturaError', problems: [expect.objectContaining({ pointer })] }));
  });
});

describe('a seal', () => {
  let seal: Seal, other: Seal;

  beforeAll(async () => {
    [seal, other] = await Promise.all([makeSeal(), makeSeal()]);
  });

  it.each([['the least', minimal], ['all', full]])('makes the segnatura fit the schema: %s', async (_, input) => expect(await schemaErrors(writeSegnatura(input, seal))).toEqual([]));

  it('covers the whole segnatura, its time and its certificate', () => {
    const xml = writeSegnatura(full, seal);
    const [whole, properties] = signedParts(xml, seal)!;
    expect(whole).toContain('<prot:Oggetto>Autorizzazione &lt;istruzione domiciliare&gt;</prot:Oggetto>');
    expect(whole).not.toContain('ds:SignatureValue');
    expect(properties).toContain('<xades:SigningTime>2026-11-22T09:30:00.000Z</xades:SigningTime>');
    expect(properties).toContain(createHash('sha256').update(Buffer.from(seal.certificate.replace(/-----[^-]+-----/g, ''), 'base64')).digest('base64'));
    expect(xml).toContain('Type="http://uri.etsi.org/01903#SignedProperties"');
  });

  it.each<[string, (xml: string) => string]>([
    ['a digest', (xml) => xml.replace('47DEQpj8', '57DEQpj8')],
    ['the number', (xml) => xml.replace('0000123<', '0000124<')],
    ['the time of the seal', (xml) => xml.replace('2026-11-22T09:30', '2026-11-23T09:30')],
    ['a recipient more', (xml) => xml.replace('<prot:DocumentoPrimario', '<prot:Destinatario/><prot:DocumentoPrimario')],
  ])('breaks with %s changed', (_, tamper) => {
    const sealed = writeSegnatura(full, seal);
    expect(tamper(sealed)).not.toBe(sealed);
    expect(signedParts(sealed, seal)).toHaveLength(2);
    expect(signedParts(tamper(sealed), seal)).toBeNull();
  });

  it('is of one key alone', () => expect(signedParts(writeSegnatura(full, seal), other)).toBeNull());

  it.each<[string, () => Seal, RegExp]>([
    ['another\'s key', () => ({ ...seal, privateKey: other.privateKey }), /not the certificate's/],
    ['a key that is not RSA', () => ({ ...seal, privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }), /is ec, not RSA/],
    ['a certificate that has ended', () => ({ ...seal, sealedAt: '2031-01-01T00:00:00Z' }), /valid from/],
    ['no instant', () => ({ ...seal, sealedAt: 'now' }), /valid from/],
  ])('is not made with %s', (_, given, reason) => expect(() => writeSegnatura(minimal, given())).toThrow(reason));

  it('holds whatever people type', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    await fc.assert(fc.asyncProperty(text, text, fc.oneof(text, fc.constant('true')), async (subject, firstName, name) => {
      let xml: string;
      try {
        xml = writeSegnatura({ ...full, subject, recipients: [{ kind: 'person', firstName, lastName: 'Rossi' }], primary: { ...full.primary, name, description: subject } }, seal);
      } catch (error) {
        expect(error).toBeInstanceOf(SegnaturaError);
        return;
      }
      expect(await schemaErrors(xml)).toEqual([]);
      expect(signedParts(xml, seal)).toHaveLength(2);
    }), { numRuns: 20 });
  });
});

/** What the seal covers, canonical; null where it does not hold. */
function signedParts(xml: string, { certificate }: Seal): string[] | null {
  const verifier = new SignedXml({ publicCert: createPublicKey(certificate).export({ type: 'spki', format: 'pem' }), getCertFromKeyInfo: () => null });
  verifier.loadSignature(/<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)![0]);
  try {
    return verifier.checkSignature(xml) ? verifier.getSignedReferences() : null;
  } catch {
    return null;
  }
}

async function makeSeal(): Promise<Seal> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ serialNumber: '01', name: 'CN=Istituto di prova', notBefore: new Date('2026-01-01'), notAfter: new Date('2030-01-01'), signingAlgorithm: algorithm, keys });
  const privateKey = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { privateKey, certificate: certificate.toString('pem'), sealedAt: '2026-11-22T09:30:00Z' };
}
