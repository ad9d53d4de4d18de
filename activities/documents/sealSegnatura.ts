/**
 * The seal of a segnatura: an enveloped XML signature of the profile XAdES baseline B (ETSI EN 319 132-1), which Allegato 6 asks for.
 * Whether the seal is a qualified one depends on the certificate, not on this code.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import XMLBuilder from 'fast-xml-builder';
import { SignedXml } from 'xml-crypto';

export interface Seal {
  /** PEM, RSA. */
  privateKey: string;
  /** PEM: the organisation's, of that key. */
  certificate: string;
  /** Instant of the sealing, ISO 8601. */
  sealedAt: string;
}

const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const XADES = 'http://uri.etsi.org/01903/v1.3.2#';
const SIGNED_PROPERTIES_TYPE = 'http://uri.etsi.org/01903#SignedProperties';

const SIGNATURE_ID = 'sigillo', PROPERTIES_ID = 'sigillo-proprieta', DOCUMENT_REFERENCE_ID = 'sigillo-segnatura';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressBooleanAttributes: false });

/** The document with `ds:Signature` as its last element. Throws where the key is not RSA or not the certificate's, or the certificate is not valid at `sealedAt`. */
export function sealSegnatura(xml: string, { privateKey, certificate, sealedAt }: Seal): string {
  const holder = new X509Certificate(certificate), key = createPrivateKey(privateKey), at = new Date(sealedAt);
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`the seal's key is ${key.asymmetricKeyType}, not RSA`);
  if (!holder.checkPrivateKey(key)) throw new Error('the seal\'s key is not the certificate\'s');
  // The negation refuses an instant that is none.
  if (!(at >= new Date(holder.validFrom) && at <= new Date(holder.validTo))) throw new Error(`the seal's certificate is valid from ${holder.validFrom} to ${holder.validTo}, not at ${sealedAt}`);
  const signature = new SignedXml({
    privateKey,
    // An element of its own, without the PEM's chain: the receiver looks the issuer up in the trust list.
    getKeyInfoContent: ({ prefix } = {}) => builder.build({ [`${prefix}:X509Data`]: { [`${prefix}:X509Certificate`]: holder.raw.toString('base64') } }),
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
    objects: [{ content: qualifyingProperties(holder, at) }],
  });
  signature.addReference({ xpath: '/*', isEmptyUri: true, id: DOCUMENT_REFERENCE_ID, transforms: [ENVELOPED, EXCLUSIVE_C14N], digestAlgorithm: SHA256 });
  signature.addReference({ xpath: `//*[@Id='${PROPERTIES_ID}']`, type: SIGNED_PROPERTIES_TYPE, transforms: [EXCLUSIVE_C14N], digestAlgorithm: SHA256 });
  signature.computeSignature(xml, { prefix: 'ds', attrs: { Id: SIGNATURE_ID }, location: { reference: '/*', action: 'append' } });
  return signature.getSignedXml();
}

/** What is signed besides the document: when, with which certificate, and what the document is. */
function qualifyingProperties(holder: X509Certificate, at: Date): string {
  return builder.build({
    'xades:QualifyingProperties': {
      '@xmlns:xades': XADES,
      '@xmlns:ds': XMLDSIG,
      '@Target': `#${SIGNATURE_ID}`,
      'xades:SignedProperties': {
        '@Id': PROPERTIES_ID,
        'xades:SignedSignatureProperties': {
          'xades:SigningTime': at.toISOString(),
          'xades:SigningCertificateV2': {
            'xades:Cert': { 'xades:CertDigest': { 'ds:DigestMethod': { '@Algorithm': SHA256 }, 'ds:DigestValue': createHash('sha256').update(holder.raw).digest('base64') } },
          },
        },
        'xades:SignedDataObjectProperties': { 'xades:DataObjectFormat': { '@ObjectReference': `#${DOCUMENT_REFERENCE_ID}`, 'xades:MimeType': 'text/xml' } },
      },
    },
  });
}
