// transformers.js' text classification on texts from standard input, one JSON {"text", "pair"} a line; prints {"logits", "classes"} as JSON
// lines. "classes" is its pipeline's answer, best first; pairs have none, since the pipeline takes no pairs.
//
//   node classify-text.mjs FOLDER
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { AutoModelForSequenceClassification, AutoTokenizer, env, pipeline } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.useFSCache = false;
env.localModelPath = dirname(process.argv[2]);
const name = basename(process.argv[2]);
const options = { dtype: 'fp32', device: 'cpu' };
const tokenizer = await AutoTokenizer.from_pretrained(name);
const model = await AutoModelForSequenceClassification.from_pretrained(name, options);
const classify = await pipeline('text-classification', name, options);
for await (const line of createInterface({ input: process.stdin })) {
  const { text, pair } = JSON.parse(line);
  const { logits } = await model(tokenizer(text, pair == null ? {} : { text_pair: pair }));
  const classes = pair == null ? { classes: await classify(text, { top_k: null }) } : {};
  console.log(JSON.stringify({ logits: Array.from(logits.data), ...classes }));
}
