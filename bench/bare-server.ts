import { createServer } from 'node:http'

const [port, answer = ''] = process.argv.slice(2)
const bytes = Buffer.from(answer)
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }

createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(201, headers).end(bytes)
  })
}).listen(Number(port), '127.0.0.1')

process.once('SIGTERM', () => process.exit(0))
