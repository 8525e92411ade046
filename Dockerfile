# Transaction Guardian. The default command runs everything in one container; `up --role <role>` runs one role.
#   docker build -t transaction-guardian .
#   docker run --read-only --tmpfs /tmp -v guardian:/data -p 127.0.0.1:8001:8001 transaction-guardian
ARG NODE=24-slim

FROM node:${NODE} AS build
WORKDIR /app
# The packages change less often than the sources: a layer of their own.
COPY package.json package-lock.json .npmrc ./
COPY contracts/package.json contracts/
COPY web/package.json web/
COPY scripts scripts
RUN node --input-type=module --eval "await (await import('/app/scripts/bootstrap/install.mjs')).ensurePackages()"
COPY contracts contracts
COPY web web
COPY src src
RUN node scripts/task.mjs build \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf web/src web/node_modules web/index.html

FROM node:${NODE}
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/data/.compile-cache \
  GUARDIAN_DATA_DIR=/data/guardian \
  GUARDIAN_HTTP_HOST=0.0.0.0
WORKDIR /app
# The lock file as it is here (npm prune rewrites its own): by it a start sees that nothing is to be installed.
COPY package.json package-lock.json LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/contracts contracts
COPY --from=build /app/web web
COPY --from=build /app/scripts scripts
COPY --from=build /app/dist dist
COPY src src
COPY runbooks runbooks
COPY docs/runbooks docs/runbooks
RUN ln -s /app/scripts/guardian.mjs /usr/local/bin/guardian \
  && mkdir /data \
  && chown node:node /data
USER node
VOLUME /data
EXPOSE 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "/app/scripts/healthcheck.mjs"]
ENTRYPOINT ["guardian"]
CMD ["up"]
