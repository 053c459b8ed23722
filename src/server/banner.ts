import type { Config } from './config/schema.ts'

/**
 * What a person sees who has just started a server: where it is, where its messages are, and three commands that work when
 * they are pasted.
 */
export const banner = (config: Config, { url, open }: { url: string; open: boolean }, place: string): string => {
  const queue = `${config.publicUrl ?? url}/api/v1/queues/demo`
  const curl = `curl -sw '\\n'${config.tls.cert ? ` --cacert ${quoted(config.tls.cert)}` : ''}${open ? '' : ' -H "Authorization: Bearer $MILLRACE_TOKEN"'}`
  const handle = `$(echo "$received" | sed 's/.*"receiptHandle":"\\([^"]*\\)".*/\\1/')`
  return [
    '',
    `Millrace listens on ${config.publicUrl ?? url}`,
    place,
    open
      ? 'Credentials: none needed while there is no account; any will do. Only this machine can reach it.'
      : "Credentials: the token of a key, here in MILLRACE_TOKEN (see 'millrace key create').",
    '',
    'Send, receive and delete a message:',
    '',
    `  ${curl} ${queue}/messages -H 'Content-Type: application/json' -d '{"hello":"world"}'`,
    `  received=$(${curl} -X POST ${queue}/receive); echo "$received"`,
    `  ${curl} -X DELETE "${queue}/receipts/${handle}"`,
    '',
    `Dashboard: ${config.publicUrl ?? url}/`,
    `Reference: ${config.publicUrl ?? url}/api/v1/reference`,
    '',
    '',
  ].join('\n')
}

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
