// Validates what `kubectl kustomize FOLDER` prints: the resources with the kustomization's images and generated
// ConfigMaps, each against the schema of its kind, and the names by which they refer to each other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import yaml from "js-yaml";

const folder = process.argv[2];
const problems = [];
const read = (name) => readFileSync(join(folder, name), "utf8");

// By path: not all of them are among what their packages export.
const SCHEMAS = {
  "apps/v1/Deployment": () => import("./node_modules/kubernetes-models/_schemas/IoK8sApiAppsV1Deployment.js"),
  "v1/ConfigMap": () => import("./node_modules/kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap.js"),
  "monitoring.coreos.com/v1/PodMonitor": () =>
    import("./node_modules/@kubernetes-models/prometheus-operator/_schemas/ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1PodMonitor.js"),
};
const KUSTOMIZATION = new Set([
  "apiVersion", "kind", "resources", "configMapGenerator", "generatorOptions", "images",
]);

const kustomization = yaml.load(read("kustomization.yaml"));
for (const key of Object.keys(kustomization)) {
  if (!KUSTOMIZATION.has(key)) problems.push(`kustomization.yaml: this check does not know ${key}`);
}
const resources = kustomization.resources.flatMap((name) => yaml.loadAll(read(name)));
for (const generated of kustomization.configMapGenerator ?? []) {
  const data = Object.fromEntries(generated.files.map((file) => [file, read(file)]));
  resources.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: generated.name }, data });
}
const images = Object.fromEntries((kustomization.images ?? []).map((image) => [image.name, image]));

// The schemas let unknown fields pass. A validator reads each field that it knows, and each key of a map: what it has never read is misspelled.
const reads = new Map();
const watched = (value, path) => {
  if (value === null || typeof value !== "object") return value;
  const seen = new Set();
  reads.set(path, { value, seen });
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === "string") seen.add(key);
      const own = Object.prototype.hasOwnProperty.call(target, key);
      return own && typeof key === "string" && key !== "length" ? watched(target[key], `${path}.${key}`) : target[key];
    },
  });
};
const misspelled = () =>
  [...reads].flatMap(([path, { value, seen }]) =>
    Object.keys(value).filter((key) => !seen.has(key)).map((key) => `${path}.${key}: no such field`));

for (const resource of resources) {
  const kind = `${resource.apiVersion}/${resource.kind}`;
  const load = SCHEMAS[kind];
  if (!load) {
    problems.push(`${kind}: no schema in this check`);
    continue;
  }
  const pod = resource.spec?.template?.spec;
  for (const container of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]) {
    const image = images[container.image];
    if (image) container.image = `${image.newName ?? container.image}:${image.newTag ?? "latest"}`;
    const volumes = new Set((pod.volumes ?? []).map((volume) => volume.name));
    for (const mount of container.volumeMounts ?? []) {
      if (!volumes.has(mount.name)) problems.push(`${kind} ${container.name}: no volume ${mount.name}`);
    }
  }
  for (const volume of pod?.volumes ?? []) {
    const wanted = volume.configMap?.name;
    if (wanted && !resources.some((other) => other.kind === "ConfigMap" && other.metadata.name === wanted)) {
      problems.push(`${kind}: no ConfigMap ${wanted}`);
    }
  }
  const { validate } = await load();
  const name = `${kind} ${resource.metadata?.name}`;
  reads.clear();
  if (validate(watched(resource, name))) {
    problems.push(...misspelled());
  } else {
    problems.push(...validate.errors.map((error) => `${name}${error.instancePath}: ${error.message}`));
  }
}

const monitor = resources.find((resource) => resource.kind === "PodMonitor");
const deployment = resources.find((resource) => resource.kind === "Deployment");
const labels = deployment.spec.template.metadata.labels;
for (const [label, value] of Object.entries(monitor.spec.selector.matchLabels)) {
  if (labels[label] !== value) problems.push(`PodMonitor selects ${label}=${value}, which the pods do not have`);
}
const ports = deployment.spec.template.spec.containers.flatMap((container) => container.ports ?? []);
for (const endpoint of monitor.spec.podMetricsEndpoints) {
  if (!ports.some((port) => port.name === endpoint.port)) problems.push(`PodMonitor: no port ${endpoint.port}`);
}

problems.forEach((problem) => console.error(problem));
console.log(`kubernetes: ${resources.length} resources, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
