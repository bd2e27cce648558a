// transformers.js' generation on texts from standard input, one JSON {"text", "options"} a line, options by its own names; prints
// {"prompt", "ids", "logits"} as JSON lines: the tokens of the text, the tokens generated, and the scores that each was chosen by, after
// its processors.
//
//   node generate.mjs FOLDER [bench]
//
// bench: prints the nanoseconds of each, tokenization and text included, instead.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer, LogitsProcessor, LogitsProcessorList, env } from '@huggingface/transformers';

class Recorder extends LogitsProcessor {
  scores = [];

  _call(ids, logits) {
    this.scores.push(Array.from(logits.data, (score) => (Number.isFinite(score) ? score : null)));
    return logits;
  }
}

env.allowRemoteModels = false;
env.useFSCache = false;
env.localModelPath = dirname(process.argv[2]);
const name = basename(process.argv[2]);
const options = { dtype: 'fp32', device: 'cpu' };
const tokenizer = await AutoTokenizer.from_pretrained(name);
const isDecoder = !existsSync(join(process.argv[2], 'onnx', 'encoder_model.onnx'));
const model = await (isDecoder ? AutoModelForCausalLM : AutoModelForSeq2SeqLM).from_pretrained(name, options);
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (process.argv[3] === 'bench') {
    const started = process.hrtime.bigint();
    const generated = await model.generate({ ...tokenizer(request.text), ...request.options, do_sample: false });
    tokenizer.decode(generated.tolist()[0], { skip_special_tokens: true });
    console.log(`${process.hrtime.bigint() - started}`);
    continue;
  }
  const inputs = tokenizer(request.text);
  const recorder = new Recorder();
  const processors = new LogitsProcessorList();
  processors.push(recorder);
  const output = await model.generate({ ...inputs, ...request.options, do_sample: false, logits_processor: processors });
  const prompt = Array.from(inputs.input_ids.data, Number);
  const ids = output.tolist()[0].map(Number);
  console.log(JSON.stringify({ prompt, ids: ids.slice(isDecoder ? prompt.length : 1), logits: recorder.scores }));
}
