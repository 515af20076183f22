# The daemon in a container: configuration and plugins are mounted into /studio, the state is the volume /studio/state.
# compose.yaml shows how; docs/operations.md says more.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund \
  && mkdir /packed \
  && npm pack --pack-destination /packed

FROM node:24-bookworm-slim
# python3 for Python plugins; tini passes signals on and takes in what plugins leave behind
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates python3 tini \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /packed/ /tmp/packed/
RUN npm install --global --no-audit --no-fund /tmp/packed/*.tgz \
  && rm -rf /tmp/packed /root/.npm \
  && mkdir -p /studio/state \
  && chown -R node:node /studio
USER node
WORKDIR /studio
VOLUME /studio/state
EXPOSE 7879
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7879/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "callsheet"]
CMD ["run"]
