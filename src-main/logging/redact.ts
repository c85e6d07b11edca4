// Names under which exchanges and proxies take credentials, in a URL, a header or JSON.
const NAMED_SECRET =
  /("?\b(?:api[-_]?key|api[-_]?secret|secret|signature|passphrase|password|token|x-mbx-apikey|authorization)"?\s*[=:]\s*"?(?:bearer\s+|basic\s+)?)[^\s"&,;}]+/gi;
/** user:password@ in a URL. */
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi;

/** The text without anything that looks like a credential. */
export const redact = (text: string): string =>
  text.replace(NAMED_SECRET, "$1[removed]").replace(URL_CREDENTIALS, "$1[removed]@");
