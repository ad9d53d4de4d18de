/** Files leave under names that people gave them: a name must neither carry a path nor look like another kind of file. */
import { describe, expect, it } from '@jest/globals';
import { distinctNames, safeFileName } from '../../activities/documents/fileNames.ts';

describe('a file name that leaves', () => {
  it.each([
    ['certificato.pdf', 'application/pdf', 'certificato.pdf'],
    ['Modello S è firmato.PDF', 'application/pdf', 'Modello S è firmato.pdf'],
    ['../../etc/passwd', 'application/pdf', '-..-etc-passwd.pdf'],
    ['C:\\temp\\foto.jpeg', 'image/jpeg', 'C--temp-foto.jpeg'],
    ['certificato\u202Efdp.exe', 'application/pdf', 'certificatofdp.exe.pdf'],
    ['a\r\nBcc: x@example.it.pdf', 'application/pdf', 'a--Bcc- x@example.it.pdf'],
    ['   ', 'image/png', 'documento.png'],
    ['CON.pdf', 'application/pdf', '_CON.pdf'],
    ['nul', 'application/pdf', '_nul.pdf'],
    [`${'x'.repeat(500)}.pdf`, 'application/pdf', `${'x'.repeat(120)}.pdf`],
  ])('%j becomes %j %j', (name, mediaType, safe) => { expect(safeFileName(name, mediaType)).toBe(safe); });

  it('is counted where another one has it, in whatever case', () => {
    expect(distinctNames(['a.pdf', 'A.PDF', 'a.pdf', 'segnatura.xml', 'senza'], ['segnatura.xml'])).toEqual(['a.pdf', 'A (2).PDF', 'a (3).pdf', 'segnatura (2).xml', 'senza']);
  });
});
