import { Button } from "@mantine/core";
import { Component } from "react";
import type { ReactNode } from "react";
import { Empty } from "../components/Message.tsx";

interface ErrorBoundaryProps {
  /** Going to another page tries again. */
  readonly route: string;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
}

/** A page that fails to draw says so and leaves the rail, the status bar and the bots alone. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidUpdate(before: ErrorBoundaryProps): void {
    if (before.route !== this.props.route && this.state.error) this.setState({ error: null });
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
              // The page at fault may be the fleet itself, and then the route stays.
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
