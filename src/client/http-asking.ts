/** A dispatcher that asks once more before it sends: a request may have waited for a connection, or its process stood still. */
import type { Dispatcher } from "undici";
import { TransportError } from "./transport.ts";

export function asking(dispatcher: Dispatcher, mayBegin: () => boolean): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => dispatch(options, asked(handler, mayBegin)));
}

function asked(handler: Dispatcher.DispatchHandler, mayBegin: () => boolean): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller, context) {
      handler.onRequestStart?.(controller, context);
      if (!mayBegin()) controller.abort(new TransportError("withheld", "it may not be sent any more"));
    },
    onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
    onResponseStart: (...told) => handler.onResponseStart?.(...told),
    onResponseData: (...told) => handler.onResponseData?.(...told),
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (...told) => handler.onResponseError?.(...told),
  };
}
