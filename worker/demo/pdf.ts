/** A small real PDF of one page, made by hand: the papers that the school attaches. */

const PAGE = { width: 595, height: 842, margin: 72, title: 16, text: 11, line: 18 };

/** ISO Latin 1 (WinAnsi); what it cannot write becomes a question mark. */
const escape = (text: string): string => text.replace(/[^\x20-\xff]/g, '?').replace(/[\\()]/g, character => `\\${character}`);

export function simplePdf(title: string, lines: string[]): Buffer {
  const top = PAGE.height - PAGE.margin;
  const body = lines.map((line, i) => `BT /F1 ${PAGE.text} Tf ${PAGE.margin} ${top - PAGE.line * (i + 2)} Td (${escape(line)}) Tj ET`).join('\n');
  const content = `BT /F1 ${PAGE.title} Tf ${PAGE.margin} ${top} Td (${escape(title)}) Tj ET\n${body}`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE.width} ${PAGE.height}] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
    `<< /Title (${escape(title)}) /Producer (Iter) >>`,
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = Buffer.byteLength(file, 'latin1');
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = Buffer.byteLength(file, 'latin1');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}
