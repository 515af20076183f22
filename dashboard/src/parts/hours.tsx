/** How many of the last hours are shown; it stands in the address. */
import { address, setQuery } from "../route.ts";

const CHOICES = [1, 4, 12];
const ALL = 12;

export function Hours() {
  return (
    <div class="headed">
      <h2>The last hours</h2>
      <fieldset class="choices">
        <legend class="unseen">How many hours</legend>
        {CHOICES.map((hours) => (
          <button
            key={hours}
            type="button"
            aria-pressed={hours === shown()}
            onClick={() => setQuery("hours", hours === ALL ? null : String(hours))}
          >
            {hours} h
          </button>
        ))}
      </fieldset>
    </div>
  );
}

/** Samples of the hours that are shown; a sample is a minute. */
export function lastHours<Sample>(samples: readonly Sample[]): Sample[] {
  return samples.slice(-shown() * 60);
}

function shown(): number {
  const asked = Number(address.value.searchParams.get("hours"));
  return CHOICES.includes(asked) ? asked : ALL;
}
