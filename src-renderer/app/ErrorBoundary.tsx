import { Button } from "@mantine/core";
import { Component } from "react";
import type { ReactNode } from "react";
import { Empty } from "../components/Message.tsx";

interface State {
  readonly error: Error | null;
}

/** A page that fails to draw says so and leaves the rail, the status bar and the bots alone. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Empty
        title="This page could not be drawn"
        actions={
          <Button
            variant="default"
            onClick={() => {
              window.location.hash = "#/";
              this.setState({ error: null });
            }}
          >
            Open the fleet
          </Button>
        }
      >
        {error.message}. The bots are not affected.
      </Empty>
    );
  }
}
