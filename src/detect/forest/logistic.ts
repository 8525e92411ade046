/** One case of a logistic regression: features, and whether it is of the class. */
export interface Case {
  readonly features: readonly number[];
  readonly isIn: boolean;
}

/** Variance that a coefficient is believed to have before any case is seen: it keeps the fit finite. */
const BELIEF = 100;
const ROUNDS = 12;

/** Coefficients of a logistic regression, the constant first (Newton's method, ridge). Deterministic. */
export function fitLogistic(cases: readonly Case[]): number[] {
  const width = (cases[0]?.features.length ?? 0) + 1;
  const weights = Array.from({ length: width }, () => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = weights.map((weight) => -weight / BELIEF);
    const curvature = weights.map((_, i) => weights.map((__, j) => (i === j ? 1 / BELIEF : 0)));
    for (const one of cases) {
      const p = chanceOf(weights, one.features);
      const inputs = [1, ...one.features];
      for (let i = 0; i < width; i++) {
        add(gradient, i, (Number(one.isIn) - p) * at(inputs, i));
        for (let j = 0; j < width; j++) add(curvature[i] ?? [], j, p * (1 - p) * at(inputs, i) * at(inputs, j));
      }
    }
    solve(curvature, gradient).forEach((step, i) => add(weights, i, step));
  }
  return weights;
}

/** Chance that features are of the class. */
export function chanceOf(weights: readonly number[], features: readonly number[]): number {
  return 1 / (1 + Math.exp(-features.reduce((sum, feature, i) => sum + at(weights, i + 1) * feature, at(weights, 0))));
}

/** Mean surprise of the cases, nats: less is better. */
export function logLossOf(weights: readonly number[], cases: readonly Case[]): number {
  return cases.reduce((sum, one) => sum + surprise(chanceOf(weights, one.features), one.isIn), 0) / cases.length;
}

const surprise = (chance: number, isIn: boolean): number => -Math.log(Math.max(1e-12, isIn ? chance : 1 - chance));

/** Solves a positive definite system by elimination; the arguments are used up. */
function solve(matrix: readonly number[][], right: number[]): number[] {
  const width = right.length;
  for (let pivot = 0; pivot < width; pivot++) {
    for (let row = pivot + 1; row < width; row++) {
      const factor = cell(matrix, row, pivot) / cell(matrix, pivot, pivot);
      for (let column = pivot; column < width; column++) add(matrix[row] ?? [], column, -factor * cell(matrix, pivot, column));
      add(right, row, -factor * at(right, pivot));
    }
  }
  const solution = Array.from({ length: width }, () => 0);
  for (let row = width - 1; row >= 0; row--) {
    let rest = at(right, row);
    for (let column = row + 1; column < width; column++) rest -= cell(matrix, row, column) * at(solution, column);
    solution[row] = rest / cell(matrix, row, row);
  }
  return solution;
}

const at = (list: readonly number[], index: number): number => list[index] as number;
const cell = (matrix: readonly (readonly number[])[], row: number, column: number): number => at(matrix[row] ?? [], column);
const add = (list: number[], index: number, value: number): void => {
  list[index] = at(list, index) + value;
};
