/** A plugin's name, which leads to its page. */
export const pluginPath = (name: string): string => `/plugins/${encodeURIComponent(name)}`;

export function PluginLink({ name }: { name: string }) {
  return <a href={pluginPath(name)}>{name}</a>;
}
