/** The made-up studio: who works there and what it is making. Every name is our own. */

export interface PersonSeed {
  login: string;
  firstname: string;
  lastname: string;
  department: string;
  /** Steps this person is given tasks in. */
  steps: readonly string[];
}

export const DEPARTMENTS = ["Production", "Assets", "Layout & Animation", "Lighting & Comp"] as const;

export const PEOPLE: readonly PersonSeed[] = [
  { login: "ines", firstname: "Ines", lastname: "Calderwood", department: "Production", steps: [] },
  { login: "tomasz", firstname: "Tomasz", lastname: "Wilkomir", department: "Production", steps: [] },
  {
    login: "sunniva",
    firstname: "Sunniva",
    lastname: "Dahlby",
    department: "Assets",
    steps: ["Art", "Model"],
  },
  {
    login: "rajan",
    firstname: "Rajan",
    lastname: "Pillaival",
    department: "Assets",
    steps: ["Rig", "Texture"],
  },
  {
    login: "aroha",
    firstname: "Aroha",
    lastname: "Ngatiwai",
    department: "Layout & Animation",
    steps: ["Animation"],
  },
  {
    login: "lucien",
    firstname: "Lucien",
    lastname: "Abramovitz",
    department: "Layout & Animation",
    steps: ["Layout", "Animation"],
  },
  { login: "mei", firstname: "Mei", lastname: "Okabayashi", department: "Lighting & Comp", steps: ["FX"] },
  {
    login: "femi",
    firstname: "Femi",
    lastname: "Adeyalo",
    department: "Lighting & Comp",
    steps: ["Light", "Comp"],
  },
];

export const PROJECT = {
  name: "Kites over Marrow Lane",
  tank_name: "kites_over_marrow_lane",
  sg_type: "Feature",
  sg_status: "Active",
  sg_description:
    "A kite maker's apprentice has one windy week to win back the sky above her street. Hand-drawn look, full CG.",
};

export const SEQUENCES: readonly { code: string; description: string; shots: readonly string[] }[] = [
  {
    code: "MKT",
    description: "Market morning: Odalie sells her first kite.",
    shots: [
      "Wide over the stalls, fog lifting",
      "Odalie ties the last knot",
      "The coin spins on the counter",
      "Pim steals the ribbon",
      "Chase between the awnings",
    ],
  },
  {
    code: "ROF",
    description: "Rooftops: the line snaps.",
    shots: [
      "Up the ladder, hand held",
      "Forty kites against the sun",
      "The line snaps, slow",
      "Brask watches from the chimney",
    ],
  },
  {
    code: "STM",
    description: "Storm: Tram Nine crosses the bridge in the rain.",
    shots: [
      "Lightning behind the tram",
      "Inside the tram, windows fogged",
      "The kite pulls her off her feet",
    ],
  },
];

export const ASSETS: readonly {
  code: string;
  kind: string;
  description: string;
  shots: readonly string[];
}[] = [
  {
    code: "Odalie",
    kind: "Character",
    description: "The apprentice, eleven, paint on her sleeves.",
    shots: ["MKT", "ROF", "STM"],
  },
  {
    code: "Uncle Brask",
    kind: "Character",
    description: "Kite maker, retired twice.",
    shots: ["MKT", "ROF"],
  },
  { code: "Pim", kind: "Character", description: "A magpie with a taste for ribbons.", shots: ["MKT"] },
  { code: "Marrow Lane", kind: "Environment", description: "The street, 400 m of it.", shots: ["MKT"] },
  { code: "Roofscape", kind: "Environment", description: "Slate, chimneys, washing lines.", shots: ["ROF"] },
  { code: "Red Kite", kind: "Prop", description: "Paper and split bamboo.", shots: ["MKT", "ROF", "STM"] },
  { code: "Tram Nine", kind: "Vehicle", description: "Open platform, brass bell.", shots: ["STM"] },
  { code: "Storm Front", kind: "FX", description: "Cloud wall and rain setup.", shots: ["STM"] },
];

/** Asset steps by kind of asset; the others get all four. */
export const ASSET_STEPS: Record<string, readonly string[]> = {
  Environment: ["Art", "Model", "Texture"],
  FX: ["Art"],
  Prop: ["Model", "Texture"],
};
export const ALL_ASSET_STEPS = ["Art", "Model", "Rig", "Texture"] as const;
export const SHOT_STEPS = ["Layout", "Animation", "FX", "Light", "Comp"] as const;

export const NOTES: readonly { subject: string; content: string }[] = [
  { subject: "Timing of the knot", content: "Two frames longer on the pull, then let the paper settle." },
  { subject: "Fog level", content: "We lose the far stalls. Half the density behind the church." },
  { subject: "Ribbon", content: "The red must match the Red Kite, not the awnings." },
  { subject: "Silhouette", content: "Brask reads as a chimney until he moves. Keep it, it is lovely." },
  { subject: "Snap", content: "The line snaps on 1043, sound is cut to that. Please do not slide it." },
  { subject: "Rain streaks", content: "Streaks on the tram windows run the wrong way when it brakes." },
  { subject: "Bell", content: "Brass bell is missing from the rig's visibility set." },
  { subject: "Scale", content: "Pim is as big as a goose in the wide. Check the asset scale." },
];
