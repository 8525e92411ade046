# An OpenClaw gateway with the plugin of Transaction Guardian: docs/clawdbot.md has the steps of its set-up.
ARG NODE=24-slim

FROM node:${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY contracts/package.json contracts/
COPY web/package.json web/
COPY scripts scripts
RUN node --input-type=module --eval "await (await import('/app/scripts/bootstrap/install.mjs')).ensurePackages()"
COPY contracts contracts
COPY plugin plugin
RUN node scripts/task.mjs build:plugin

FROM node:${NODE}
ARG OPENCLAW=2026.9.6
RUN npm install --global --ignore-scripts --no-audit --no-fund \
  openclaw@${OPENCLAW} @openclaw/whatsapp@${OPENCLAW} @openclaw/slack@${OPENCLAW} @openclaw/discord@${OPENCLAW}
COPY --from=build /app/plugin/package.json /app/plugin/openclaw.plugin.json /app/plugin/
COPY --from=build /app/plugin/dist /app/plugin/dist
COPY --from=build /app/plugin/skills /app/plugin/skills
# The same user as that of the server, whose service token the plugin reads.
USER node
WORKDIR /home/node
VOLUME /home/node
ENTRYPOINT ["openclaw"]
CMD ["gateway", "run"]
