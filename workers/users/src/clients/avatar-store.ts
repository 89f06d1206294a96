import type { Avatar } from "../domain/avatar.ts";

/** A picture as it is delivered; `body` is null where only its head was asked for. */
export interface StoredAvatar {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly body: ReadableStream | null;
}

/** Port of the pictures of people, by their ids. A picture never changes under its id. */
export interface AvatarStore {
  put(id: string, avatar: Avatar): Promise<void>;
  /** Null where there is none. */
  read(id: string, how: { readonly headOnly: boolean }): Promise<StoredAvatar | null>;
  /** Removes pictures; absent ones are no error. */
  remove(ids: readonly string[]): Promise<void>;
}

/** Pictures in the worker's own bucket. */
export function createAvatarStore(bucket: R2Bucket): AvatarStore {
  return {
    async put(id, { bytes, contentType }) {
      await bucket.put(id, bytes, { httpMetadata: { contentType } });
    },
    async read(id, { headOnly }) {
      if (headOnly) {
        const head = await bucket.head(id);
        return head === null ? null : { ...describe(head), body: null };
      }
      const object = await bucket.get(id);
      return object === null ? null : { ...describe(object), body: object.body };
    },
    async remove(ids) {
      if (ids.length > 0) await bucket.delete([...ids]);
    },
  };
}

function describe({ httpMetadata, size }: R2Object) {
  return { contentType: httpMetadata?.contentType ?? "application/octet-stream", sizeBytes: size };
}
