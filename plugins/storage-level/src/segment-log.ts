import { OrchestratorError } from '@ai-orchestrator/protocol';
import { mkdir, open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { decodeFrame, HEADER_BYTES, nextFrame, type Group } from './frame.js';
import { isFull } from './level-error.js';
import type { LevelLimits } from './limits.js';
import { openForAppend, prepareSegment, segmentNumbers, segmentPath, syncDirectory, writeAll } from './segment-file.js';

interface Segment {
  readonly number: number;
  /** Undefined while it has no frame. */
  firstRevision: number | undefined;
}

/** A stretch of the log that cannot be read although later frames can. */
export interface LogDamage {
  readonly segment: number;
  readonly offset: number;
}

/** What reading the log at start showed. */
export interface LogScan {
  readonly groups: readonly Group[];
  readonly damage: readonly LogDamage[];
}

/**
 * The truth of the store: an append-only log of groups in segments of fixed size. Every frame has a checksum and the revision of its
 * first commit, so that a torn tail ends the log and a hole in it is known by its revisions.
 */
export class SegmentLog {
  readonly #directory: string;
  readonly #limits: LevelLimits;
  #segments: Segment[] = [];
  #file: FileHandle | undefined;
  #offset = 0;
  #capacity = 0;
  #preparing: Promise<void> | undefined;
  /** Why nothing more is appended: a segment could not be prepared, although there was space. */
  #failure: { readonly error: unknown } | undefined;
  #lastRevision = 0;
  #lastNumber = 0;
  /** Cursors before this revision have expired although older segments are there: the log has a hole. */
  #unbrokenAfter = 0;

  constructor(directory: string, limits: LevelLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  /** Lowest revision that the log still has; one past the last while it has none. */
  get firstRevision(): number {
    const kept = this.#segments.find((segment) => segment.firstRevision !== undefined)?.firstRevision;
    return Math.max(kept ?? this.#lastRevision + 1, this.#unbrokenAfter + 1);
  }

  /** Number of the segment that is written to. */
  get activeSegment(): number {
    return this.#lastNumber;
  }

  /** Number of the first segment that has revisions after this one. */
  segmentAfter(revision: number): number {
    const segment = this.#segments.findLast((s) => s.firstRevision !== undefined && s.firstRevision <= revision + 1);
    return segment?.number ?? this.#segments[0]?.number ?? this.#lastNumber;
  }

  /** Makes the directory and its first segment, durable. */
  async create(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await prepareSegment(this.#directory, 1, this.#limits.segmentBytes);
  }

  /**
   * Reads the segments from `fromSegment` on and gets ready to append behind the last intact frame. A segment that ends in anything but
   * zeros is left as it is: a new one is begun.
   */
  async open(fromSegment: number): Promise<LogScan> {
    const groups: Group[] = [];
    const damage: LogDamage[] = [];
    let clean = false;
    this.#lastNumber = fromSegment - 1;
    for (const number of await segmentNumbers(this.#directory)) {
      if (number < fromSegment) {
        this.#segments.push({ number, firstRevision: await this.#firstRevisionOf(number) });
        continue;
      }
      const bytes = await readFile(segmentPath(this.#directory, number));
      const scan = scanSegment(bytes, number);
      if (scan.groups.length === 0 && scan.clean && this.#segments.length > 0 && number > fromSegment) {
        // Prepared and never used: prepared again when its turn comes.
        await rm(segmentPath(this.#directory, number));
        continue;
      }
      this.#segments.push({ number, firstRevision: scan.groups[0]?.firstRevision });
      groups.push(...scan.groups);
      damage.push(...scan.damage);
      this.#offset = scan.end;
      this.#capacity = bytes.length;
      this.#lastNumber = number;
      clean = scan.clean && damage.length === 0;
    }
    this.#lastRevision = groups.at(-1)?.position.revision ?? 0;
    if (damage.length > 0) this.#unbrokenAfter = this.#lastRevision;
    if (clean) {
      this.#file = await openForAppend(segmentPath(this.#directory, this.#lastNumber));
    } else {
      await this.#roll();
    }
    return { groups, damage };
  }

  /** Says where counting goes on when the log holds less than is known to have been written. */
  continueAfter(revision: number): void {
    if (revision <= this.#lastRevision) return;
    this.#lastRevision = revision;
    this.#unbrokenAfter = revision;
  }

  /**
   * Resolves once the frame is durable.
   *
   * @throws NodeJS.ErrnoException ENOSPC before anything was written, when no new segment can be made
   */
  async append(frame: Buffer, group: Group): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#offset + frame.length > this.#capacity) await this.#roll();
    const file = this.#file;
    const active = this.#segments.at(-1);
    if (file === undefined || active === undefined) throw new Error('the log is closed');
    await this.#write(file, frame);
    this.#offset += frame.length;
    active.firstRevision ??= group.firstRevision;
    this.#lastRevision = group.position.revision;
    if (this.#offset > this.#capacity / 2) this.#prepareNext();
  }

  /** Groups with a revision after this one, in order, up to the last durable one. @throws OrchestratorError `cursor_expired` */
  async *read(afterRevision: number): AsyncGenerator<Group> {
    let after = afterRevision;
    if (after < this.#unbrokenAfter) throw expired(afterRevision, this.firstRevision);
    while (after < this.#lastRevision) {
      const segment = this.#segments.findLast((s) => s.firstRevision !== undefined && s.firstRevision <= after + 1);
      if (segment === undefined) throw expired(afterRevision, this.firstRevision);
      let found = false;
      for await (const group of this.#readSegment(segment.number)) {
        if (group.position.revision > this.#lastRevision) break;
        if (group.position.revision <= after) continue;
        if (group.firstRevision > after + 1) break;
        found = true;
        after = group.position.revision;
        yield group;
        if (after >= this.#lastRevision) break;
      }
      if (!found) {
        throw new OrchestratorError(
          'cursor_expired',
          `the log is damaged after revision ${after}; read the current state and watch from there`,
          { revision: after },
        );
      }
    }
  }

  /** Reads the kept segments again; says where frames are damaged. */
  async check(): Promise<string[]> {
    const found: string[] = [];
    for (const { number } of [...this.#segments]) {
      const path = segmentPath(this.#directory, number);
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes === undefined) {
        // Cut off by a checkpoint since this began, or gone.
        if (this.#segments.some((segment) => segment.number === number))
          found.push(`the log segment ${path} is missing`);
        continue;
      }
      for (const { offset } of scanSegment(bytes, number).damage)
        found.push(`the log segment ${path} is damaged at byte ${offset}`);
    }
    return found;
  }

  /** Removes segments whose frames all are at or before `revision`, but keeps `keptLogBytes` of them. */
  async trim(revision: number): Promise<void> {
    const kept = Math.ceil(this.#limits.keptLogBytes / this.#limits.segmentBytes);
    while (this.#segments.length > kept + 1) {
      const [oldest, second] = this.#segments;
      if (oldest === undefined || second?.firstRevision === undefined || second.firstRevision > revision + 1) break;
      await rm(segmentPath(this.#directory, oldest.number), { force: true });
      this.#segments.shift();
    }
    await syncDirectory(this.#directory);
  }

  /**
   * Begins a new segment unless this one is empty, so that all that was appended before is in segments that can be removed whole. Not
   * while something is being appended. Answers the segment's number.
   */
  async turnOver(): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#offset > 0) await this.#roll();
    return this.#lastNumber;
  }

  /** Removes every segment before this one, oldest first. Nothing that a start needs may be in them. */
  async removeBefore(number: number): Promise<void> {
    for (;;) {
      const [oldest] = this.#segments;
      if (oldest === undefined || oldest.number >= number) break;
      await rm(segmentPath(this.#directory, oldest.number), { force: true });
      this.#segments.shift();
    }
    await syncDirectory(this.#directory);
  }

  async close(): Promise<void> {
    await this.#preparing?.catch(() => undefined);
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Makes sure that there is a segment to go on in. @throws NodeJS.ErrnoException ENOSPC */
  async ensureSpace(): Promise<void> {
    if (this.#offset <= this.#capacity / 2) return;
    this.#prepareNext();
    await this.#preparing;
  }

  async #write(file: FileHandle, frame: Buffer): Promise<void> {
    try {
      await writeAll(file, frame, this.#offset);
    } catch (error) {
      // A file system that copies on write can be full here. The frame must not be found later, as its commits are refused now.
      if (isFull(error)) await writeAll(file, Buffer.alloc(HEADER_BYTES), this.#offset);
      throw error;
    }
  }

  #prepareNext(): void {
    if (this.#preparing !== undefined) return;
    const preparing = prepareSegment(this.#directory, this.activeSegment + 1, this.#limits.segmentBytes);
    this.#preparing = preparing;
    preparing.catch((error: unknown) => {
      // Without space the next call tries again. Any other failure is that of the disk, and the next append tells it.
      if (!isFull(error)) this.#failure = { error };
      else if (this.#preparing === preparing) this.#preparing = undefined;
    });
  }

  async #roll(): Promise<void> {
    this.#prepareNext();
    await this.#preparing;
    const number = this.#lastNumber + 1;
    const path = segmentPath(this.#directory, number);
    const file = await openForAppend(path);
    await this.#file?.close();
    this.#file = file;
    this.#segments.push({ number, firstRevision: undefined });
    this.#lastNumber = number;
    this.#preparing = undefined;
    this.#offset = 0;
    this.#capacity = (await stat(path)).size;
  }

  async #firstRevisionOf(number: number): Promise<number | undefined> {
    for await (const group of this.#readSegment(number)) return group.firstRevision;
    return undefined;
  }

  async *#readSegment(number: number): AsyncGenerator<Group> {
    const file = await open(segmentPath(this.#directory, number), 'r');
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      for (let at = 0; ;) {
        const { bytesRead } = await file.read(header, 0, HEADER_BYTES, at);
        if (bytesRead < HEADER_BYTES) return;
        const length = HEADER_BYTES + Math.min(header.readUInt32LE(8), this.#limits.segmentBytes) + 8;
        const bytes = Buffer.alloc(length);
        const read = await file.read(bytes, 0, length, at);
        const frame = decodeFrame(bytes.subarray(0, read.bytesRead), 0);
        if (frame === undefined) return;
        yield frame.group;
        at += frame.end;
      }
    } finally {
      await file.close();
    }
  }
}

function scanSegment(
  bytes: Buffer,
  segment: number,
): { groups: Group[]; damage: LogDamage[]; end: number; clean: boolean } {
  const groups: Group[] = [];
  const damage: LogDamage[] = [];
  let at = 0;
  for (;;) {
    const frame = decodeFrame(bytes, at);
    if (frame !== undefined) {
      groups.push(frame.group);
      at = frame.end;
      continue;
    }
    if (isZero(bytes.subarray(at))) return { groups, damage, end: at, clean: true };
    const later = nextFrame(bytes, at);
    if (later === -1) return { groups, damage, end: at, clean: false };
    damage.push({ segment, offset: at });
    at = later;
  }
}

function isZero(bytes: Buffer): boolean {
  // Comparing the buffer with itself, shifted by one byte, is a memcmp: all bytes are equal to the first.
  return bytes.length === 0 || (bytes[0] === 0 && bytes.subarray(1).equals(bytes.subarray(0, -1)));
}

function expired(afterRevision: number, first: number): OrchestratorError {
  return new OrchestratorError(
    'cursor_expired',
    `changes after revision ${afterRevision} are no longer kept; the log begins with ${first}`,
    { firstRevision: first },
  );
}

/** Every intact group in a log's directory, in order. */
export async function readGroups(directory: string): Promise<Group[]> {
  const groups: Group[] = [];
  for (const number of await segmentNumbers(directory)) {
    groups.push(...scanSegment(await readFile(segmentPath(directory, number)), number).groups);
  }
  return groups;
}
