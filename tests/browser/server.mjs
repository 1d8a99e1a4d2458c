// Serves a built page from a folder on its own port, like a plain web server.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types = {
  '.css': 'text/css',
  '.gz': 'application/gzip',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves the files of `folder`. `instead` maps paths, such as `/study.safetensors.gz`, to bytes to serve instead;
 * `headers` are sent with every file.
 */
export async function serve(folder, instead = {}, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://page').pathname).replace(/\/$/, '/index.html');
    try {
      const body = instead[path] ?? (await readFile(join(folder, normalize(path))));
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end('not found');
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  server.unref(); // a test that fails leaves it open
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
