/** How a site is set up, apart from what is in it. All but the address may be changed while it runs. */
export interface Settings {
  /** Where the site is reached: `http://127.0.0.1:8765`, without a slash at the end. */
  url: string;
  /** As `info` says it. With "saml2" and "oxygen" a password is no way in (protocol notes 2.1). */
  authentication: "default" | "saml2" | "oxygen";
  /** "cloud": `info` tells clients to put files into an S3-like storage and link them (protocol notes 8.4). */
  uploads: "direct" | "cloud";
  /** How long a thumbnail is transient, in milliseconds. */
  thumbnailMs: number;
}

export const defaultSettings: Settings = {
  url: "http://127.0.0.1",
  authentication: "default",
  uploads: "direct",
  thumbnailMs: 3000,
};

/** What `info` says besides what the schema file has. */
export function infoOf({ authentication, uploads }: Settings): Record<string, unknown> {
  const cloud = uploads === "cloud";
  return {
    user_authentication_method: authentication,
    s3_direct_uploads_enabled: cloud,
    s3_enabled_upload_types: cloud ? { "*": ["*"] } : {},
  };
}
