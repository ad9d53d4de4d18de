/** What a plugin's folder finds beside it in plugins/: so that richiestaCertificato/ can be copied there as it is. */
export * from '../../plugins/calendar.ts';
