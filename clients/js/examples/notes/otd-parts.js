// What the page uses of the package: this and no more is in the bundle.
export { connect } from 'otd-client';
export { bindTextarea } from 'otd-client/textarea';
