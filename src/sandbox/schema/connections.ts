/**
 * Connection entities: the links of some multi-entity fields are rows that can be read and filtered like any
 * others, with fields of their own (`PlaylistVersionConnection.sg_sort_order`, `TaskDependency.dependency_type`).
 */
export interface Connection {
  /** The entity type of the rows. */
  type: string;
  /** Its field that points to the entity that has the list. */
  own: string;
  /** Its field that points to what the list links to. */
  other: string;
}

/** By the field on one side; the field on the other side sees the same rows the other way round. */
export const CONNECTIONS: Record<string, Connection> = {
  "Shot.assets": { type: "AssetShotConnection", own: "shot", other: "asset" },
  "Sequence.assets": { type: "AssetSequenceConnection", own: "sequence", other: "asset" },
  "Scene.assets": { type: "AssetSceneConnection", own: "scene", other: "asset" },
  "Episode.assets": { type: "AssetEpisodeConnection", own: "episode", other: "asset" },
  "Level.assets": { type: "AssetLevelConnection", own: "level", other: "asset" },
  "Element.assets": { type: "AssetElementConnection", own: "element", other: "asset" },
  "Element.shots": { type: "ElementShotConnection", own: "element", other: "shot" },
  "Asset.parents": { type: "AssetAssetConnection", own: "asset", other: "parent" },
  "Shot.parent_shots": { type: "ShotShotConnection", own: "shot", other: "parent_shot" },
  "Playlist.versions": { type: "PlaylistVersionConnection", own: "playlist", other: "version" },
  "Version.cuts": { type: "CutVersionConnection", own: "version", other: "cut" },
  "Group.users": { type: "GroupUserConnection", own: "group", other: "user" },
  "Project.users": { type: "ProjectUserConnection", own: "project", other: "user" },
  "ApiUser.projects": { type: "ApiUserProjectConnection", own: "user", other: "project" },
  "Project.task_templates": { type: "ProjectTaskTemplateConnection", own: "project", other: "task_template" },
  "PipelineConfiguration.users": {
    type: "PipelineConfigurationUserConnection",
    own: "pipeline_configuration",
    other: "user",
  },
  "Release.tickets": { type: "ReleaseTicketConnection", own: "release", other: "ticket" },
  "Revision.tickets": { type: "RevisionTicketConnection", own: "revision", other: "ticket" },
  "Revision.revisions": {
    type: "RevisionRevisionConnection",
    own: "source_revision",
    other: "dest_revision",
  },
  "Ticket.tickets": { type: "TicketTicketConnection", own: "source_ticket", other: "dest_ticket" },
  // `task` waits for `dependent_task`.
  "Task.upstream_tasks": { type: "TaskDependency", own: "task", other: "dependent_task" },
  "PublishedFile.upstream_published_files": {
    type: "PublishedFileDependency",
    own: "published_file",
    other: "dependent_published_file",
  },
};
