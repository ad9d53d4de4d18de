/** Letters and forms are kept for years and read by everybody: the same bytes every time, a structure for who does not see them, no input that stops them. */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { encode } from 'fast-png';
import { renderPdf } from '../../activities/documents/renderPdf.ts';
import type { DocumentBlock, DocumentModel } from '../../plugins/documentModel.ts';
import { JPEG_IN_INKS, JPEG_LOGO, pngLogo, register, SAMPLES } from './models.ts';
import { readPdf, words } from './readPdf.ts';

const NAMES = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[];
const options = { createdAt: new Date('2026-11-12T09:30:00.000Z'), author: 'Scuola di prova' };
const model = (blocks: DocumentBlock[], more: Partial<DocumentModel> = {}): DocumentModel => ({ title: 'Prova', language: 'it', blocks, ...more });
const render = async (name: keyof typeof SAMPLES) => renderPdf(SAMPLES[name].model, SAMPLES[name].options);
const read = async (of: DocumentModel) => readPdf(await renderPdf(of, options));

describe('the same document', () => {
  it('is the same bytes again, in this process and in another', async () => {
    const once = await Promise.all(NAMES.map(render));
    const again: Buffer[] = [];
    for (const name of NAMES.toReversed()) again.unshift(await render(name));
    const digests = once.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    expect(again.map((bytes) => createHash('sha256').update(bytes).digest('hex'))).toEqual(digests);
    const elsewhere = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '--eval', `
      import { createHash } from 'node:crypto';
      import { renderPdf } from '${new URL('../../activities/documents/renderPdf.ts', import.meta.url).href}';
      import { SAMPLES } from '${new URL('./models.ts', import.meta.url).href}';
      for (const name of ${JSON.stringify(NAMES)}) console.log(createHash('sha256').update(await renderPdf(SAMPLES[name].model, SAMPLES[name].options)).digest('hex'));
    `], { encoding: 'utf8', env: { ...process.env, TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8' } });
    expect(elsewhere.stderr).toBe('');
    expect(elsewhere.stdout.trim().split('\n')).toEqual(digests);
  });

  it('differs when its instant or a word differs', async () => {
    const { model: letter, options: given } = SAMPLES.lettera;
    const bytes = await renderPdf(letter, given);
    expect((await renderPdf(letter, { ...given, createdAt: new Date(given.createdAt.getTime() + 1_000) })).equals(bytes)).toBe(false);
    expect((await renderPdf({ ...letter, footer: 'Fascicolo n. 2026/0043' }, given)).equals(bytes)).toBe(false);
  });
});

describe('to a program that reads it', () => {
  it('gives every word, in the order of the letter', async () => {
    const { pages, elements } = await readPdf(await render('lettera'));
    const { letterhead, subject, recipients, placeAndDate, signatures, footer } = SAMPLES.lettera.model;
    const all = words(pages.join('\n'));
    for (const text of [letterhead!.organisation, ...letterhead!.lines, ...recipients!.flat(), placeAndDate!, footer!, ...signatures!.flatMap((each) => Object.values(each)), 'Prot. n. 0000123 del 12/11/2026', 'in uscita', `Oggetto: ${subject}`]) {
      expect(all.join(' ')).toContain(words(text).join(' '));
    }
    const said = elements.map(({ text }) => words(text).join(' ')).filter(Boolean);
    const order = [letterhead!.organisation, 'Prot. n. 0000123 del 12/11/2026', 'Al Dirigente scolastico', 'Autorizzazione delle ore', 'Si autorizza', 'Ștefan Đorđević', 'Nguyễn Thị Hồng', 'Ольга Иванова', '€ 2.695,00', 'Adempimenti', '2.', 'Bari, 12/11/2026', 'Giuseppe Rossi', 'Firmato con l’account il 12/11/2026'];
    expect(said.filter((text) => order.includes(text))).toEqual(order);
    expect(pages.at(-1)).toContain(`pagina ${pages.length} di ${pages.length}`);
  });

  it.each<[keyof typeof SAMPLES, string[]]>([
    ['lettera', ['Document', 'Figure', 'P', 'H1', 'H2', 'H3', 'Table', 'TR', 'TH', 'TD', 'L', 'LI', 'Lbl', 'LBody', 'Div']],
    ['modelloG', ['Document', 'H1', 'H2', 'P', 'Table', 'TR', 'TH', 'TD', 'L', 'LI', 'Lbl', 'LBody', 'Div']],
    ['registro', ['Document', 'Figure', 'H1', 'Table', 'Caption', 'TR', 'TH', 'TD', 'Div', 'P']],
  ])('%s has a structure, a language, a title, embedded fonts, and says what it conforms to', async (name, roles) => {
    const bytes = await render(name);
    const pdf = await readPdf(bytes);
    expect(pdf.elements.map(({ role }) => role)).toEqual(expect.arrayContaining(roles));
    expect(pdf.elements.filter(({ role }) => role === 'H1').map(({ text }) => text)).toEqual([SAMPLES[name].model.title]);
    expect(pdf).toMatchObject({ marked: true, language: 'it-IT', displaysTitle: true, info: { Title: SAMPLES[name].model.title, Author: SAMPLES[name].options.author } });
    expect(Object.fromEntries(pdf.metadata)).toMatchObject({ 'dc:title': SAMPLES[name].model.title, 'pdfaid:part': '2', 'pdfaid:conformance': 'A', 'pdfuaid:part': '1' });
    expect(pdf.fonts.length).toBeGreaterThan(1);
    expect(pdf.fonts.filter(({ embedded }) => !embedded)).toEqual([]);
    const source = bytes.toString('latin1');
    expect(source).toMatch(/\/StructTreeRoot \d+ 0 R/);
    // Every font that is described is in the file.
    expect(source.match(/\/FontFile2/g)).toHaveLength(source.match(/\/Type \/FontDescriptor/g)!.length);
    expect(source.match(/\/Scope \/(Column|Row)\b/g)).toHaveLength(source.match(/\/S \/TH\b/g)!.length);
  });

  it('describes the logo, and escapes what its properties would break', async () => {
    const pdf = await readPdf(await renderPdf(model([], { title: 'A & B <c>', subject: '"x" < y', letterhead: { organisation: 'Scuola', lines: [], logo: pngLogo() } }), { ...options, author: 'Rossi & <figli>' }));
    expect(pdf.elements).toContainEqual(expect.objectContaining({ role: 'Figure', alt: 'Logo: Scuola' }));
    expect(pdf.metadata.get('dc:title')).toBe('A & B <c>');
    expect(pdf.info).toMatchObject({ Title: 'A & B <c>', Author: 'Rossi & <figli>' });
  });
});

describe('over many pages', () => {
  it('a table of 300 rows has its titles on each page, to be heard once, and no row in two', async () => {
    const of = register(300);
    const { pages, elements } = await read(of);
    expect(pages.length).toBeGreaterThan(10);
    pages.forEach((text, index) => {
      expect(text).toContain(`pagina ${index + 1} di ${pages.length}`);
      expect(text).toContain('Attività svolte');
      expect(text).toContain('Registro OF');
      if (index > 0) expect(text).toContain(of.letterhead!.organisation);
    });
    expect(elements.filter(({ text }) => text.includes('Attività svolte'))).toHaveLength(1);
    expect(elements.filter(({ text }) => text === of.letterhead!.organisation)).toHaveLength(1);
    const cells = elements.filter(({ role, text }) => role === 'TD' && text).map(({ text }) => words(text).join(' '));
    expect(cells.filter((text) => /^lezione-\d+$/.test(text))).toEqual(Array.from({ length: 300 }, (_, index) => `lezione-${index + 1}`));
    // A cell that was split would be found in two pieces.
    expect(cells.filter((text) => /esercizi|Spiegazione/.test(text))).toEqual(Array.from({ length: 300 }, (_, index) => 'Spiegazione ed esercizi '.repeat(1 + (index % 13)).trim()));
    expect(cells.at(-1)).toBe('600,00');
  });

  it('a row that is higher than a page goes on under the titles, and all of it is there', async () => {
    const text = Array.from({ length: 4_000 }, (_, index) => `parola${index}`).join(' ');
    const { pages, elements } = await read(model([{ table: { columns: [{ title: 'Voce' }, { title: 'Descrizione' }], rows: [['prima', 'corta'], ['lunga', text], ['ultima', 'corta']] } }]));
    expect(pages.length).toBeGreaterThan(4);
    for (const page of pages) expect(page).toContain('Descrizione');
    const cell = elements.filter(({ role, text: part }) => role === 'TD' && part.startsWith('parola')).map(({ text: part }) => part).join(' ');
    expect(words(cell)).toEqual(words(text));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('signatures bring text with them (%i paragraphs more)', async (more) => {
    const { pages } = await read(model([...Array.from({ length: 19 + more }, (_, index) => ({ paragraph: `Capoverso ${index} di una riga.` })), { list: ['prima voce', 'ultima voce'] }], { placeAndDate: 'Bari, 12/11/2026', signatures: [{ role: 'Il Dirigente scolastico', name: 'Maria Bianchi' }] }));
    const signed = pages.find((page) => page.includes('Maria Bianchi'))!;
    expect(signed).toContain('Bari, 12/11/2026');
    expect(signed).toContain('ultima voce');
  });

  it('prints an em dash where nothing was given', async () => {
    const { elements } = await read(model([{ fields: [{ label: 'Telefono', value: ' ' }] }, { list: [''] }, { table: { columns: [{ title: 'A' }, { title: 'B' }], rows: [['x']] } }, { table: { columns: [{ title: 'C' }], rows: [] } }]));
    expect(elements.filter(({ text }) => text === '—').map(({ role }) => role)).toEqual(['TD', 'LBody', 'TD', 'TD']);
  });
});

describe('whatever it is given', () => {
  const long = 'x'.repeat(100_000);
  it.each<[string, DocumentModel, (text: string) => void]>([
    ['nothing', model([], { title: '' }), (text) => expect(text).toContain('pagina 1 di 1')],
    ['a word of 100 kB', model([{ paragraph: long }]), (text) => expect(text.match(/x/g)).toHaveLength(100_000)],
    ['a paragraph of 100 kB', model([{ paragraph: 'parola lunga '.repeat(8_000) }]), (text) => expect(words(text).filter((word) => word === 'lunga')).toHaveLength(8_000)],
    ['a word of 20 kB in a cell', model([{ table: { columns: [{ title: 'A' }, { title: 'B' }], rows: [['a', long.slice(0, 20_000)]] } }]), (text) => expect(text.match(/x/g)).toHaveLength(20_000)],
    ['control characters and marks of direction', model([{ paragraph: 'uno\u0000\u0007 due\u001b\u202e tre\u2066\u200f quattro\u009f' }]), (text) => expect(text).toContain('uno due tre quattro')],
    ['half a pair, private and unassigned characters', model([{ paragraph: 'prima \ud83d \ue000 \u{e0fff} \uffff dopo' }]), (text) => { expect(text).toContain('prima'); expect(text).toContain('dopo'); }],
    ['emoji and Chinese', model([{ paragraph: 'ciao 😀 👨‍👩‍👧 ❤️ 王小明 fine' }]), (text) => { expect(text).toContain('ciao 😀'); expect(text).toContain('fine'); }],
    ['letters with twenty accents', model([{ paragraph: `${'a\u0301\u0302\u0303'.repeat(300)} fine` }]), (text) => expect(text).toContain('fine')],
    ['only line ends', model([{ paragraph: '\n'.repeat(50_000) }, { note: '\r\n' }, { heading: ' ' }]), (text) => expect(text).toContain('pagina 1 di 1')],
    ['titles of a table higher than a page', model([{ table: { columns: [{ title: 'intestazione '.repeat(2_000) }], rows: [['dentro']] } }]), (text) => expect(text).toContain('dentro')],
    ['a letterhead, addressees and a footer without measure', model([], { letterhead: { organisation: 'o '.repeat(2_000), lines: [long.slice(0, 5_000)] }, recipients: [Array.from({ length: 200 }, (_, index) => `destinatario${index}`)], footer: 'f '.repeat(9_000) }), (text) => expect(text).toContain('destinatario199')],
    ['signatures without measure', model([], { signatures: Array.from({ length: 100 }, (_, index) => ({ role: 'r '.repeat(index * 9), name: `firmatario${index}`, note: 'n '.repeat(500) })) }), (text) => expect(text).toContain('firmatario99')],
  ])('%s', async (_what, of, check) => {
    const { pages } = await read(of);
    check(pages.join('\n'));
  });

  it('a table of 2,000 rows leaves the process its turns', async () => {
    let turns = 0;
    const clock = setInterval(() => { turns += 1; }, 1);
    try {
      await renderPdf(register(2_000), options);
    } finally {
      clearInterval(clock);
    }
    expect(turns).toBeGreaterThan(10);
  });
});

describe('what cannot be printed is said', () => {
  const withLogo = (bytes: Buffer | string) => model([], { letterhead: { organisation: 'Scuola', lines: [], logo: typeof bytes === 'string' ? bytes : bytes.toString('base64') } });
  const png = Buffer.from(pngLogo(), 'base64');
  const changed = (change: (bytes: Buffer) => void) => { const copy = Buffer.from(png); change(copy); return copy; };
  it.each<[string, DocumentModel, string]>([
    ['a logo that is not base64', withLogo('$$$'), 'letterhead.logo'],
    ['a logo of 100 kB and more', withLogo('A'.repeat(100_004)), 'letterhead.logo'],
    ['a logo that is text', withLogo(Buffer.from('questo non è un logo')), 'letterhead.logo'],
    ['a PNG cut short', withLogo(png.subarray(0, png.length - 20)), 'letterhead.logo'],
    ['a PNG with a wrong byte', withLogo(changed((bytes) => bytes.writeUInt8(bytes.readUInt8(60) ^ 255, 60))), 'letterhead.logo'],
    ['a PNG that claims gigabytes', withLogo(changed((bytes) => { bytes.writeUInt32BE(60_000, 16); bytes.writeUInt32BE(60_000, 20); })), 'letterhead.logo'],
    ['a PNG whose chunk has a negative length', withLogo(changed((bytes) => bytes.writeInt32BE(-12, 33))), 'letterhead.logo'],
    ['a JPEG without a picture', withLogo(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1])), 'letterhead.logo'],
    ['a JPEG in inks', withLogo(JPEG_IN_INKS), 'letterhead.logo'],
    ['a row longer than its table', model([{ paragraph: 'x' }, { table: { columns: [{ title: 'A' }], rows: [['1'], ['2', '3']] } }]), 'blocks[1].table.rows[1]'],
    ['totals longer than their table', model([{ table: { columns: [{ title: 'A' }], rows: [], foot: [['1', '2']] } }]), 'blocks[0].table.foot[0]'],
    ['more columns than the page can hold', model([{ table: { columns: Array.from({ length: 60 }, () => ({ title: 'A' })), rows: [] } }]), 'blocks[0].table.columns'],
    ['rows without columns', model([{ table: { columns: [], rows: [['a']] } }]), 'blocks[0].table.columns'],
    ['more than a thousand pages', model([{ paragraph: 'riga\n'.repeat(60_000) }]), 'blocks'],
  ])('%s', async (_what, of, piece) => {
    await expect(renderPdf(of, options)).rejects.toMatchObject({ name: 'DocumentError', piece });
  });

  it.each([[1, 8], [2, 8], [3, 8], [4, 8], [1, 16], [4, 16]] as const)('a sound PNG of %i channels and %i bits is a logo', async (channels, depth) => {
    expect((await read(withLogo(pngLogo({ channels, depth })))).elements.map(({ role }) => role)).toContain('Figure');
  });
  it('a JPEG is a logo', async () => {
    expect((await read(withLogo(JPEG_LOGO))).elements.map(({ role }) => role)).toContain('Figure');
  });
  it('a PNG with a palette is a logo', async () => {
    const indexed = Buffer.from(encode({ width: 2, height: 2, data: new Uint8Array([0, 1, 1, 0]), channels: 1, depth: 8, palette: [[0, 0, 0], [255, 255, 255]] }));
    expect((await read(withLogo(indexed))).elements.map(({ role }) => role)).toContain('Figure');
  });
});
