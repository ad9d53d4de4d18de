/** Names by which forms are found: in payloads and among the parameters. */

/** The property of a form's data that holds what an organisation added to it. */
export const EXTRA_FIELDS = 'campiAggiuntivi';
/** The name under which an organisation's added fields are kept: a parameter like any other, with validity and versions. */
export const formParameter = (process: string, form: string): string => `${FORM_PARAMETERS}${process}/${form}`;
export const FORM_PARAMETERS = 'modulo/';
