/** The feature film: its sizes and its names. Every name is our own. */

export const FILM = {
  name: "The Tidewright's Daughter",
  tank_name: "tidewright",
  sg_type: "Feature",
  sg_status: "Active",
  sg_description: "Nell mends the tide tables of a drowned city, until one night the sea does not come back.",
};

export const SIZES = {
  people: 200,
  sequences: 40,
  shotsEach: 50,
  assets: 400,
  /** Tasks of each shot and asset: 2,000 × 18 + 400 × 10 = 40,000. */
  shotTasks: 18,
  assetTasks: 10,
  events: 1_000_000,
  /** Days from the first turnover until now. */
  days: 520,
};

export const SHOT_TASKS: readonly [name: string, step: string][] = [
  ["Turnover", "Layout"],
  ["Layout", "Layout"],
  ["Camera", "Layout"],
  ["Set dressing", "Layout"],
  ["Blocking", "Animation"],
  ["Animation", "Animation"],
  ["Facial", "Animation"],
  ["Crowd", "Animation"],
  ["Cloth", "FX"],
  ["Hair", "FX"],
  ["Water", "FX"],
  ["Spray", "FX"],
  ["Light rig", "Light"],
  ["Lighting", "Light"],
  ["Renders", "Light"],
  ["Slap comp", "Comp"],
  ["Comp", "Comp"],
  ["Final check", "Comp"],
];

export const ASSET_TASKS: readonly [name: string, step: string][] = [
  ["Brief", "Art"],
  ["Design", "Art"],
  ["Colour keys", "Art"],
  ["Block model", "Model"],
  ["Model", "Model"],
  ["UVs", "Model"],
  ["Rig", "Rig"],
  ["Rig test", "Rig"],
  ["Textures", "Texture"],
  ["Look", "Texture"],
];

export const FIRST = (
  "Abeni Aino Alasdair Amparo Bao Birgit Caspian Dalia Edda Farid Gwenith Hollis Ilse Jomo Kaito Linnea Marisol " +
  "Nikau Orla Priya"
).split(" ");
export const LAST =
  "Ashgrove Bellweather Corrigane Dunmore Eastlake Fenwright Galloway Harrowby Inchbald Jessop".split(" ");

export const SEQUENCE_WORDS = "Harbour Bell Ledger Lantern Weir Quay Storm Market Attic Choir".split(" ");
export const ASSET_KINDS = ["Character", "Environment", "Prop", "Vehicle", "FX"] as const;
export const ASSET_WORDS = "Oar Gull Compass Skiff Barrel Crane Ledger Pier Lantern Sluice".split(" ");
export const REMARKS = [
  "The tide line jumps between this and the next cut.",
  "Less spray on the left, we lose Nell's hand.",
  "Lovely. Hold the last four frames.",
  "The bell must move before it is heard.",
  "Match the fog of the master shot.",
  "Her coat reads as dry; wet it from the hem up.",
];
