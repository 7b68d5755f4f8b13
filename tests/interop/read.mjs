// Reads a Sweepscope recording with the independent MCAP reader, through the index and as a stream (checksums on),
// decodes the batches with the schema embedded in the file, and prints what it found as JSON.
import { McapIndexedReader, McapStreamReader } from "@mcap/core";
import { FileHandleReadable } from "@mcap/nodejs";
import { loadDecompressHandlers } from "@mcap/support";
import protobuf from "protobufjs";
import "protobufjs/ext/descriptor/index.js";
import { open, readFile } from "node:fs/promises";

const path = process.argv[2];
const decompressHandlers = await loadDecompressHandlers();

function decoderOf(schema) {
  const set = protobuf.descriptor.FileDescriptorSet.decode(schema.data);
  return protobuf.Root.fromDescriptor(set).lookupType(schema.name);
}

function counter() {
  const found = { topics: {}, events: 0, next_seq: 0, holes: 0 };
  const decoders = new Map();
  return {
    found,
    take(topic, schema, data) {
      found.topics[topic] = (found.topics[topic] ?? 0) + 1;
      if (!decoders.has(schema.id)) decoders.set(schema.id, decoderOf(schema));
      const message = decoders.get(schema.id).decode(data);
      if (topic !== "/sweepscope/batch") return;
      if (Number(message.first_seq) !== found.next_seq) ++found.holes;
      found.events += message.count;
      found.next_seq = Number(message.first_seq) + message.count;
    },
  };
}

const indexed = counter();
const file = await open(path, "r");
const reader = await McapIndexedReader.Initialize({ readable: new FileHandleReadable(file), decompressHandlers });
for await (const message of reader.readMessages({ validateCrcs: true })) {
  const channel = reader.channelsById.get(message.channelId);
  indexed.take(channel.topic, reader.schemasById.get(channel.schemaId), message.data);
}
await file.close();

const streamed = counter();
const stream = new McapStreamReader({ decompressHandlers, validateCrcs: true });
stream.append(await readFile(path));
const schemas = new Map();
const channels = new Map();
for (let record; (record = stream.nextRecord()); ) {
  if (record.type === "Schema") schemas.set(record.id, record);
  if (record.type === "Channel") channels.set(record.id, record);
  if (record.type !== "Message") continue;
  const channel = channels.get(record.channelId);
  streamed.take(channel.topic, schemas.get(channel.schemaId), record.data);
}
console.log(JSON.stringify({
  indexed: indexed.found,
  streamed: streamed.found,
  done: stream.done(),
  statistics_messages: Number(reader.statistics.messageCount),
  chunks: reader.chunkIndexes.length,
}));
