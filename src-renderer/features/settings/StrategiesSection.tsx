import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  CircleCheck,
  CircleX,
  FolderOpen,
  LoaderCircle,
  RefreshCw,
  TriangleAlert,
} from "lucide-react";
import { useEffect, useState } from "react";
import type { FormEvent } from "react";
import type { UserStrategyView } from "../../../src-preload/contract/strategies.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { Card } from "../../components/Card.tsx";
import { FailureNote } from "../../components/Message.tsx";
import { plural } from "../../format/numbers.ts";
import { ask } from "../../state/bridge.ts";
import { useOwnStrategies } from "../../state/own-strategies.ts";
import { Field } from "./Field.tsx";
import classes from "./sources.module.css";

/** Where the trouble is, as editors write it: "my.ts:12:5". */
const placeOf = ({ file, line, column }: NonNullable<UserStrategyView["trouble"]>): string =>
  [file, line, column].filter((part) => part !== null).join(":");

function FileRow({ file }: { readonly file: UserStrategyView }) {
  const { trouble, lastFault } = file;
  const [icon, state] =
    file.state === "broken"
      ? [<CircleX key="i" size={16} className={classes.bad} aria-hidden="true" />, "does not load"]
      : file.state === "loading"
        ? [<LoaderCircle key="i" size={16} className="dim" aria-hidden="true" />, "loading"]
        : lastFault === null
          ? [<CircleCheck key="i" size={16} className={classes.ok} aria-hidden="true" />, "ready"]
          : [
              <TriangleAlert key="i" size={16} className="tone-warn" aria-hidden="true" />,
              "last call failed",
            ];
  return (
    <li className={classes.item} data-testid="own-strategy" data-state={file.state}>
      {icon}
      <div className={classes.text}>
        <div>
          <span className={classes.name}>{file.title ?? file.file}</span>{" "}
          <span className="dim">
            {file.title === null ? "" : `${file.file}, `}
            {state}
          </span>
        </div>
        {trouble ? (
          <div className={`${classes.trouble} selectable`} data-testid="own-strategy-trouble">
            <code>{placeOf(trouble)}</code> {trouble.message}
          </div>
        ) : lastFault === null ? null : (
          <div className={`${classes.trouble} selectable`}>{lastFault}</div>
        )}
      </div>
    </li>
  );
}

/** The folder of the user's own strategies: what is in it, what is wrong with it, and a way to begin one. */
export function StrategiesSection() {
  const view = useOwnStrategies((s) => s.view);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [name, setName] = useState("");
  const [nameError, setNameError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const load = async (channel: "strategies:list" | "strategies:reload"): Promise<void> => {
    setBusy(true);
    const answer = await ask(channel, undefined);
    setBusy(false);
    setFailure(answer.ok ? null : answer.error);
    if (answer.ok) useOwnStrategies.setState({ view: answer.value });
  };
  useEffect(() => void load("strategies:list"), []);

  const openFolder = async (): Promise<void> => {
    const answer = await ask("strategies:open-folder", undefined);
    setFailure(answer.ok ? null : answer.error);
  };
  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const answer = await ask("strategies:new", { name: name.trim() });
    if (!answer.ok) {
      setNameError(answer.error.message);
      return;
    }
    setName("");
    notifications.show({ message: `${answer.value.file} was written, with its test.` });
    await load("strategies:list");
  };
  const files = view?.files ?? [];
  const broken = files.filter(({ state }) => state === "broken").length;
  return (
    <Card
      title="Your own strategies"
      note={
        broken === 0
          ? "Taken up as soon as a file is saved"
          : `${plural(broken, "file")} cannot be used; bots that use it do not trade`
      }
    >
      <Field label="Folder" help={<span className="selectable">{view?.folder ?? ""}</span>}>
        <Button
          variant="default"
          leftSection={<FolderOpen size={15} aria-hidden="true" />}
          onClick={() => void openFolder()}
          data-testid="open-strategies"
        >
          Open folder
        </Button>
        <Button
          variant="default"
          loading={busy}
          leftSection={<RefreshCw size={15} aria-hidden="true" />}
          onClick={() => void load("strategies:reload")}
          data-testid="reload-strategies"
        >
          Reload
        </Button>
      </Field>
      <Field label="New strategy" help="Writes a commented starting point and its test">
        <form className={classes.form} onSubmit={(event) => void create(event)}>
          <TextInput
            aria-label="Name of the new strategy"
            w={200}
            placeholder="my-breakout"
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setNameError(null);
            }}
            error={nameError}
            data-testid="new-strategy-name"
          />
          <Button
            variant="default"
            type="submit"
            disabled={name.trim() === ""}
            data-testid="new-strategy"
          >
            Write it
          </Button>
        </form>
      </Field>
      {files.length === 0 ? (
        <p className="dim">No strategy of your own yet.</p>
      ) : (
        <ul className={classes.list}>
          {files.map((file) => (
            <FileRow key={file.file} file={file} />
          ))}
        </ul>
      )}
      {failure ? <FailureNote failure={failure} /> : null}
    </Card>
  );
}
