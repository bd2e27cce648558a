// A client of the Open Inference Protocol over gRPC that shares no code with Coffer: @grpc/grpc-js with definitions that @grpc/proto-loader
// reads at run time, from the path of a .proto file. node serve.mjs PROTO HOST:PORT TOKEN MODEL
// Asks for readiness and metadata, then runs the model (inputs x float32 [batch, 2] and offset float32 [2]) with raw and with typed
// contents, then without the token, and prints one JSON document of what came back.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [proto, address, token, model] = process.argv.slice(2);
const definition = loader.loadSync(proto, { keepCase: true, longs: Number, defaults: true });
const { GRPCInferenceService } = grpc.loadPackageDefinition(definition).inference;
const client = new GRPCInferenceService(address, grpc.credentials.createInsecure());
const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${token}`);

const call = (method, request, head = metadata) => new Promise((resolve) =>
  client[method](request, head, { deadline: Date.now() + 30_000 }, (error, reply) => resolve(error ? { code: error.code, details: error.details } : reply)));
const bytes = (...values) => Buffer.from(Float32Array.from(values).buffer);
const floats = (buffer) => [...new Float32Array(Uint8Array.from(buffer).buffer)];
const tensor = (name, shape, contents) => ({ name, datatype: 'FP32', shape, ...(contents ? { contents: { fp32_contents: contents } } : {}) });
const answer = (reply) => (reply.code ? reply : {
  id: reply.id,
  version: reply.model_version,
  outputs: reply.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
  y: floats(reply.raw_output_contents[0]),
});

const raw = { model_name: model, id: 'raw', inputs: [tensor('x', [2, 2]), tensor('offset', [2])], raw_input_contents: [bytes(1, 2, 3, 4), bytes(10, 20)] };
const typed = { model_name: model, id: 'typed', inputs: [tensor('x', [1, 2], [1, 2]), tensor('offset', [2], [10, 20])], outputs: [{ name: 'y' }] };
const described = await call('ModelMetadata', { name: model });
console.log(JSON.stringify({
  live: (await call('ServerLive', {})).live,
  ready: (await call('ModelReady', { name: model })).ready,
  inputs: described.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
  raw: answer(await call('ModelInfer', raw)),
  typed: answer(await call('ModelInfer', typed)),
  wrong: answer(await call('ModelInfer', { ...typed, inputs: [tensor('z', [1], [1])] })),
  unknown: answer(await call('ModelInfer', { ...typed, model_name: 'nothing' })),
  stranger: answer(await call('ModelInfer', typed, new grpc.Metadata())),
}));
client.close();
