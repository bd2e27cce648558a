// A picture's class, as transformers.js finds it: its reader, its image processor, its onnxruntime-node. Reads the path of a picture a line, and
// answers each with the class and the nanoseconds.
//
//   node classify.mjs FOLDER MODEL INPUT OUTPUT
//
// FOLDER: holds preprocessor_config.json. Class, time and bytes as the other peers print them; the bytes are not counted.
import { AutoImageProcessor, RawImage, env } from '@huggingface/transformers';
import { createInterface } from 'node:readline';
import * as ort from 'onnxruntime-node';

env.allowRemoteModels = false;
const [folder, model, input, output] = process.argv.slice(2);
const processor = await AutoImageProcessor.from_pretrained(folder, { local_files_only: true });
const session = await ort.InferenceSession.create(model);

for await (const picture of createInterface({ input: process.stdin })) {
  const started = process.hrtime.bigint();
  const { pixel_values: pixels } = await processor(await RawImage.read(picture));
  const scores = (await session.run({ [input]: new ort.Tensor('float32', pixels.data, pixels.dims) }))[output].data;
  let best = 0;
  for (let i = 1; i < scores.length; i++) best = scores[i] > scores[best] ? i : best;
  console.log(`${best} ${process.hrtime.bigint() - started} 0`);
}
