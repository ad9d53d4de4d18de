/**
 * A PDF with its structure: archivable (PDF/A-2a, ISO 19005-2) and accessible (PDF/UA-1, ISO 14289-1) at once, as the law asks of a
 * public administration's document (Linee guida AgID sul documento informatico; legge 4/2004). The same content makes the same bytes.
 */
import PDFDocument from 'pdfkit';
import { fontOf, type FontName } from './pdfFonts.ts';

/** An element of the structure: what it is, and what it holds. */
export interface Tag { type: string; element: PDFKit.PDFStructureElement }
export interface TagOptions { alt?: string; scope?: 'Row' | 'Column'; bbox?: [number, number, number, number]; listNumbering?: 'Decimal' | 'Disc' }

export interface DocumentProperties { title: string; author: string; subject?: string; language: string; createdAt: Date; landscape: boolean }

/** PDF/A knows the words of its metadata only when they are described in it; those of PDF/UA come later than PDF/A-2. */
const ACCESSIBLE = `
  <rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
  <rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
    <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
      <pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
      <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
      <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
      <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
        <pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
        <pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
      </rdf:li></rdf:Seq></pdfaSchema:property>
    </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>`;
const PRODUCER = 'Iter';
const ESCAPED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export class TaggedDocument extends PDFDocument {
  readonly root: Tag;

  constructor({ title, author, subject, language, createdAt, landscape }: DocumentProperties) {
    super({
      size: 'A4', layout: landscape ? 'landscape' : 'portrait', margin: 0, autoFirstPage: false, bufferPages: true,
      pdfVersion: '1.7', subset: 'PDF/A-2a', tagged: true, displayTitle: true, lang: language,
      // No face but ours: an empty name keeps the library from loading Helvetica, which is not embedded.
      font: '',
      info: { Title: title, Author: author, ...(subject ? { Subject: subject } : {}), Creator: PRODUCER, Producer: PRODUCER, CreationDate: createdAt },
    });
    for (const name of ['regular', 'bold', 'italic', 'fallback', 'fallbackBold'] satisfies FontName[]) {
      // The library takes a parsed font since 0.20; its types do not say so yet.
      this.registerFont(name, fontOf(name) as never);
    }
    this.appendXML(ACCESSIBLE);
    const element = this.struct('Document');
    this.addStructure(element);
    this.root = { type: 'Document', element };
  }

  /** Begins an element; `close` it when all that it holds is there. */
  open(type: string, parent: Tag, { listNumbering, ...options }: TagOptions = {}): Tag {
    const element = this.struct(type, options);
    // The library has no option for the attribute of lists.
    if (listNumbering) Object.assign((element as unknown as { dictionary: { data: object } }).dictionary.data, { A: { O: 'List', ListNumbering: listNumbering } });
    parent.element.add(element);
    return { type, element };
  }
  close(tag: Tag): void {
    tag.element.end();
  }
  /** What is drawn belongs to the element. On one page: again for each further page. */
  within(tag: Tag, draw: () => void): void {
    const content = this.markStructureContent(tag.type);
    draw();
    this.endMarkedContent();
    tag.element.add(content);
  }
  /** What a reader who does not see the page must not hear: rules, grounds, what is repeated. */
  artifact(draw: () => void, type: 'Pagination' | 'Layout' = 'Layout'): void {
    this.markContent('Artifact', { type });
    draw();
    this.endMarkedContent();
  }

  /** The library copies the properties into the XMP as they are. */
  override endMetadata(): void {
    const plain = this.info;
    this.info = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, typeof value === 'string' ? value.replace(/[&<>"]/g, (character) => ESCAPED[character]!) : value]));
    super.endMetadata();
    this.info = plain;
  }
}

export async function bytesOf(document: TaggedDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  document.end();
  for await (const chunk of document) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
