/**
 * Every row that can be made out in a damaged database and its write-ahead log: the newest whole transactions first, then
 * the file, then what else the log holds. Rows may come several times, and rubble comes with them: checksums tell.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { type PageSource, type Row, rowsOf } from "./record.ts";
import { type Frame, readWal } from "./wal.ts";

/** @param pageSize what such files are made with: their header may be damaged */
export function* salvagedRows(file: string, pageSize: number): Generator<Row> {
  const wal = readWal(`${file}-wal`, pageSize);
  const main = openPages(file, pageSize);
  try {
    const newest = new Map(
      [...wal.rest.toReversed(), ...wal.committed].map((frame) => [frame.pageNumber, frame.page]),
    );
    const withWal: PageSource = (number) => newest.get(number) ?? main.page(number);
    yield* rowsOfFrames(wal.committed.toReversed(), withWal);
    for (let number = 1; number <= main.count; number += 1) {
      const page = main.page(number);
      if (page) yield* bothWays(page, number, main.page, withWal);
    }
    yield* rowsOfFrames(wal.rest, withWal);
  } finally {
    main.close();
  }
}

function* rowsOfFrames(frames: readonly Frame[], overflow: PageSource): Generator<Row> {
  for (const { page, pageNumber } of frames) yield* rowsOf(page, pageNumber, overflow);
}

/** A long row of the file may go on in the file or in the log. */
function* bothWays(page: Buffer, number: number, main: PageSource, withWal: PageSource): Generator<Row> {
  let inMain = 0;
  yield* rowsOf(page, number, (next) => {
    inMain += 1;
    return main(next);
  });
  if (inMain > 0) yield* rowsOf(page, number, withWal);
}

interface Pages {
  count: number;
  /** A copy. The last page may have been cut: the rest of it is zeros. */
  page: PageSource;
  close(): void;
}

function openPages(file: string, size: number): Pages {
  if (!existsSync(file)) return { count: 0, page: () => null, close: () => {} };
  const fd = openSync(file, "r");
  const count = Math.ceil(fstatSync(fd).size / size);
  return {
    count,
    page(number) {
      if (number < 1 || number > count) return null;
      const page = Buffer.alloc(size);
      readSync(fd, page, 0, size, (number - 1) * size);
      return page;
    },
    close: () => closeSync(fd),
  };
}
