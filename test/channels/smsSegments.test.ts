/** What an SMS costs is counted before it is sent: these are the edges at which one character more makes one message more. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deliveryOf, orderOf, smsStateOf } from '../../engine/broadcasts/smsStatus.ts';
import { smsSize } from '../../engine/broadcasts/smsSegments.ts';
import { mobileNumber } from '../../engine/contacts/phone.ts';

const a = (count: number) => 'a'.repeat(count);

describe('an SMS', () => {
  it.each([
    ['of 160 characters of GSM-7 is one', a(160), 'GSM-7', 1, 160], ['of 161 is two of 153', a(161), 'GSM-7', 2, 161], ['of 306 is two', a(306), 'GSM-7', 2, 306], ['of 307 is three', a(307), 'GSM-7', 3, 307],
    ['of 80 euros is one: each counts two', '€'.repeat(80), 'GSM-7', 1, 160], ['of 81 euros is two', '€'.repeat(81), 'GSM-7', 2, 162], ['counts brackets and the tilde two', '[]{}^~|\\', 'GSM-7', 1, 16],
    ['with à è é ì ò ù stays GSM-7', 'àèéìòù', 'GSM-7', 1, 6], ['of 70 characters with one È is one of UCS-2', `È${a(69)}`, 'UCS-2', 1, 70], ['of 71 with one È is two of 67', `È${a(70)}`, 'UCS-2', 2, 71], ['of 134 is two of UCS-2', `’${a(133)}`, 'UCS-2', 2, 134],
    ['of 135 is three', `’${a(134)}`, 'UCS-2', 3, 135], ['counts a line break one, as it is sent', 'a\r\nb', 'GSM-7', 1, 3], ['counts an emoji two of UCS-2', '😀', 'UCS-2', 1, 2],
  ])('%s', (_what, text, encoding, segments, units) => {
    expect(smsSize(text)).toMatchObject({ encoding, segments, units });
  });

  it('names the characters that make it dear', () => {
    expect(smsSize('È “vero”: l’uscita è rinviata').costly).toEqual(['È', '“', '”', '’']);
    expect(smsSize('E\' vero: costa 5 €').costly).toEqual([]);
  });

  it('never splits an extension character: two halves never stand in two messages', () => {
    // 152 characters and one of two septets do not fit 153.
    expect(smsSize(`${a(152)}€${a(151)}`).segments).toBe(2);
    expect(smsSize(`${a(152)}€${a(152)}`).segments).toBe(3);
  });

  it.each([[a(1_000), false], [a(1_001), true], ['€'.repeat(500), false], ['€'.repeat(501), true], ['’'.repeat(450), false], ['’'.repeat(451), true]])('is too long beyond what providers take', (text, tooLong) => {
    expect(smsSize(text).tooLong).toBe(tooLong);
  });

  it('is never more messages for a shorter text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), text => smsSize(text).segments <= smsSize(`${text}x`).segments));
  });
});

describe('a telephone number', () => {
  it.each([['333 1234567', '+393331234567'], ['+39 333-1234567', '+393331234567'], ['0039 333 1234567', '+393331234567'], ['+44 7400 123456', '+447400123456'], ['080 5551234', null], ['12345', null], ['', null]])('%s is %s', (text, number) => {
    expect(mobileNumber(text)).toBe(number);
  });
});

describe("the provider's words", () => {
  it('keep under way what they do not say anything about', () => {
    expect(['DLVRD', 'dlvrd', 'WAIT4DLVR', 'SENT', 'UNKNRCPT', 'TIMEOUT', 'TOOM4USER', '', 'constructor', 'NEWS'].map(smsStateOf)).toEqual(['delivered', 'delivered', 'sending', 'sending', 'permanentFailure', 'technicalFailure', 'technicalFailure', 'sending', 'sending', 'sending']);
  });
  it('name an order of 32 characters, which is the delivery', () => {
    const id = '0a1b2c3d-4e5f-8a0b-9c8d-7e6f5a4b3c2d';
    expect(orderOf(id)).toHaveLength(32);
    expect(deliveryOf(orderOf(id))).toBe(id);
    expect([deliveryOf('x'), deliveryOf(''), deliveryOf(id)]).toEqual([null, null, null]);
  });
});
