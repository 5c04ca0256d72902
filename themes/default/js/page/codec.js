// Columns of numbers as sitegen/derive/codec.py writes them, read back. The formats stand there.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  function bytesOf(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const binary = atob(base64);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
    return bytes;
  }

  /** Read by hand: through a Blob and a Response, each of forty columns takes milliseconds more. */
  async function inflated(base64) {
    const stream = new DecompressionStream("deflate-raw"), writer = stream.writable.getWriter();
    const written = writer.write(bytesOf(base64)).then(() => writer.close());
    written.catch(() => null); // the reader fails with it
    const reader = stream.readable.getReader(), pieces = [];
    let size = 0;
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      pieces.push(value);
      size += value.length;
    }
    if (pieces.length === 1 && pieces[0].byteLength === pieces[0].buffer.byteLength) return pieces[0].buffer;
    const whole = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole.buffer;
  }

  function range({ start, step, n }) {
    return Float64Array.from({ length: n }, (_, index) => start + step * index);
  }

  // null stays null (no value); "NaN", "Infinity" and integers beyond 2^53 are texts.
  function plain({ v }) {
    return v.map((value) => (typeof value === "string" ? Number(value) : value));
  }

  async function ints(column) {
    const buffer = await inflated(column.b);
    return column.w === 4 ? narrowInts(column, buffer) : wideInts(column, buffer);
  }

  function narrowInts({ n, start }, buffer) {
    const zigzagged = new Uint32Array(buffer);
    // Differences of four bytes cannot leave the exact range unless the start is already out of it.
    if (!Number.isSafeInteger(start)) return wideInts({ n, start }, zigzagged);
    const values = new Float64Array(n);
    values[0] = start;
    for (let i = 1; i < n; i += 1) {
      const stored = zigzagged[i - 1];
      const half = Math.floor(stored / 2);
      values[i] = values[i - 1] + (stored % 2 ? -half - 1 : half);
    }
    return values;
  }

  // Sums in BigInt, so that only the last step, to a double, can round.
  function wideInts({ n, start }, stored) {
    const zigzagged = stored instanceof Uint32Array ? stored : new BigUint64Array(stored);
    const values = new Float64Array(n);
    let value = BigInt(start);
    values[0] = Number(value);
    for (let i = 1; i < n; i += 1) {
      const code = BigInt(zigzagged[i - 1]);
      value = BigInt.asIntN(64, value + ((code >> 1n) ^ -(code & 1n)));
      values[i] = Number(value);
    }
    return values;
  }

  async function floats({ n, b }) {
    const shuffled = new Uint8Array(await inflated(b));
    const bytes = new Uint8Array(8 * n);
    for (let place = 0; place < 8; place += 1) {
      const from = place * n;
      for (let i = 0; i < n; i += 1) bytes[8 * i + place] = shuffled[from + i];
    }
    return new Float64Array(bytes.buffer);
  }

  const DECODERS = { range, json: plain, int: ints, f64: floats };

  /** The values of a column: a Float64Array, or an Array where the column is plain JSON. */
  async function decode(column) {
    const decoder = Object.hasOwn(DECODERS, column.k) ? DECODERS[column.k] : null;
    if (!decoder) throw new Error(`unknown form of column "${column.k}"`);
    return decoder(column);
  }

  /** The words of a column (derive/columns.py): a list as it is, or deflated JSON. */
  async function words(written) {
    if (Array.isArray(written)) return written;
    return JSON.parse(new TextDecoder().decode(await inflated(written.b)));
  }

  sitegen.codec = { decode, words };
})();
