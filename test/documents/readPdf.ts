/** What another program (Mozilla's PDF.js) finds in a PDF: its text, its structure, its fonts. */
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf';

/** Words of the text, without its blanks: where a line ends is the page's business. */
export const words = (text: string) => text.normalize('NFC').split(/\s+/).filter(Boolean);

export interface ReadPdf {
  /** Of each page, everything that is on it. */
  pages: string[];
  /** The structure in reading order, of all pages: a role and the text that belongs to it alone. */
  elements: { role: string; text: string; alt?: string; page: number }[];
  fonts: { name: string; embedded: boolean }[];
  language: unknown;
  info: Record<string, unknown>;
  metadata: Map<string, unknown>;
  marked: boolean;
  displaysTitle: boolean;
}

interface StructNode { role?: string; type?: string; id?: string; alt?: string; children?: StructNode[] }
interface TextItem { type?: string; id?: string; tag?: string; str?: string; hasEOL?: boolean }

export async function readPdf(bytes: Buffer): Promise<ReadPdf> {
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const { OPS } = await getResolvedPDFJS();
  const pages: string[] = [];
  const elements: ReadPdf['elements'] = [];
  const fonts = new Map<string, boolean>();
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent({ includeMarkedContent: true }) as unknown as { items: TextItem[] };
    const { text, byId } = textOf(items);
    pages.push(text);
    collect(await page.getStructTree() as StructNode | null, byId, number, elements);
    const { fnArray, argsArray } = await page.getOperatorList();
    for (const [index, operation] of fnArray.entries()) {
      if (operation !== OPS.setFont) continue;
      const font = page.commonObjs.get(argsArray[index][0]) as { name: string; missingFile?: boolean };
      fonts.set(font.name, !font.missingFile);
    }
  }
  const { info, metadata } = await pdf.getMetadata();
  const preferences = await pdf.getViewerPreferences() as { DisplayDocTitle?: boolean } | Map<string, unknown> | null;
  const read = {
    pages, elements, fonts: [...fonts].map(([name, embedded]) => ({ name, embedded })), info: info as Record<string, unknown>, language: (info as { Language?: unknown }).Language,
    metadata: new Map<string, unknown>(metadata ? [...(metadata as unknown as Iterable<[string, unknown]>)] : []),
    marked: (await pdf.getMarkInfo())?.Marked === true,
    displaysTitle: (preferences instanceof Map ? preferences.get('DisplayDocTitle') : preferences?.DisplayDocTitle) === true,
  };
  await pdf.loadingTask.destroy();
  return read;
}

function textOf(items: TextItem[]): { text: string; byId: Map<string, string> } {
  const byId = new Map<string, string>();
  const open: (string | undefined)[] = [];
  let text = '';
  for (const item of items) {
    if (item.type?.startsWith('beginMarkedContent')) open.push(item.id);
    else if (item.type === 'endMarkedContent') open.pop();
    else {
      const piece = `${item.str ?? ''}${item.hasEOL ? '\n' : ''}`;
      const id = open.findLast(Boolean);
      text += piece;
      if (id) byId.set(id, (byId.get(id) ?? '') + piece);
    }
    if (item.type) text += '\n';
  }
  return { text, byId };
}

function collect(node: StructNode | null, byId: Map<string, string>, page: number, into: ReadPdf['elements']): void {
  if (!node?.role) return;
  const own = (node.children ?? []).filter(({ type }) => type === 'content').map(({ id }) => byId.get(id!) ?? '').join('');
  into.push({ role: node.role, text: own.trim(), ...(node.alt ? { alt: node.alt } : {}), page });
  for (const child of node.children ?? []) collect(child, byId, page, into);
}
