// transformers.js' tokenizer on strings from standard input, one JSON string a line; prints {"ids", "decoded"} as JSON lines.
//
//   node tokenize.mjs TOKENIZER.JSON [bench TEXT]
//
// bench: times encoding the lines of a text instead, once for each line of input; prints milliseconds.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { PreTrainedTokenizer } from '@huggingface/transformers';

const tokenizer = new PreTrainedTokenizer(JSON.parse(readFileSync(process.argv[2], 'utf8')), {});
const lines = process.argv[3] === 'bench' ? readFileSync(process.argv[4], 'utf8').split('\n').filter((line) => line.length > 0) : [];
for await (const input of createInterface({ input: process.stdin })) {
  if (process.argv[3] === 'bench') {
    const start = performance.now();
    for (const line of lines) tokenizer.encode(line);
    console.log(performance.now() - start);
    continue;
  }
  const ids = tokenizer.encode(JSON.parse(input).toWellFormed());
  console.log(JSON.stringify({ ids, decoded: ids.length > 0 ? tokenizer.decode(ids) : '' }));
}
