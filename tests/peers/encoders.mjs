// transformers.js' models and pipelines on encoders, from standard input, one JSON {"model", "task", "text", "pair", "labels", "hypothesis", "multiLabel"} a
// line; prints {"outputs", "result"} as JSON lines. "outputs" are the graph's, flat; "result" is the pipeline's answer, where one takes such an input.
//
//   node encoders.mjs FOLDER
import { createInterface } from 'node:readline';
import {
  AutoModel, AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer, env, pipeline,
} from '@huggingface/transformers';

env.allowRemoteModels = false;
env.useFSCache = false;
env.localModelPath = process.argv[2];
const options = { dtype: 'fp32', device: 'cpu' };
const classes = {
  'text-classification': AutoModelForSequenceClassification,
  'zero-shot-classification': AutoModelForSequenceClassification,
  'token-classification': AutoModelForTokenClassification,
  'question-answering': AutoModelForQuestionAnswering,
  'feature-extraction': AutoModel,
};
const made = new Map();
const once = (key, make) => made.get(key) ?? made.set(key, make()).get(key);

const ask = {
  'text-classification': (pipe, { text, pair }) => (pair == null ? pipe(text, { top_k: null }) : null),
  'zero-shot-classification': (pipe, { text, labels, hypothesis, multiLabel }) => pipe(text, labels, { hypothesis_template: hypothesis, multi_label: multiLabel }),
  'token-classification': async (pipe, { text }) => ({
    none: await pipe(text, { ignore_labels: [] }),
    simple: await pipe(text, { ignore_labels: [], aggregation_strategy: 'simple' }),
  }),
  'question-answering': (pipe, { text, pair }) => pipe(text, pair),
  'feature-extraction': async (pipe, { text }) => {
    const flat = async (options) => Array.from((await pipe(text, options)).data);
    return {
      mean: await flat({ pooling: 'mean' }),
      normalized: await flat({ pooling: 'mean', normalize: true }),
      cls: await flat({ pooling: 'cls' }),
      last: await flat({ pooling: 'last_token' }),
      bits: await flat({ pooling: 'mean', normalize: true, quantize: true, precision: 'ubinary' }),
      signedBits: await flat({ pooling: 'mean', normalize: true, quantize: true, precision: 'binary' }),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const input = JSON.parse(line);
  const { model: name, task, text, pair } = input;
  const tokenizer = await once(`${name}/tokenizer`, () => AutoTokenizer.from_pretrained(name));
  const model = await once(`${name}/${task}/model`, () => classes[task].from_pretrained(name, options));
  const outputs = await model(tokenizer(text, pair == null ? {} : { text_pair: pair }));
  const result = await ask[task](await once(`${name}/${task}/pipeline`, () => pipeline(task, name, options)), input);
  const tensors = Object.entries(outputs).filter(([, value]) => value?.data);
  console.log(JSON.stringify({ outputs: Object.fromEntries(tensors.map(([key, value]) => [key, Array.from(value.data)])), result }));
}
