// Opens a plain model and runs it once on zeros with onnxruntime-node, for each line of input; prints the nanoseconds.
//
//   node open.mjs MODEL INPUT DIMENSION...
import { createInterface } from 'node:readline';
import * as ort from 'onnxruntime-node';

const [model, input, ...dimensions] = process.argv.slice(2);
const shape = dimensions.map(Number);
const zeros = new Float32Array(shape.reduce((product, size) => product * size, 1));

for await (const _ of createInterface({ input: process.stdin })) {
  const started = process.hrtime.bigint();
  const session = await ort.InferenceSession.create(model);
  await session.run({ [input]: new ort.Tensor('float32', zeros, shape) });
  console.log(`${process.hrtime.bigint() - started}`);
  await session.release();
}
